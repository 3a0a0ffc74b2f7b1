"""Images are read as people see them, written the same every time, and resized without drifting."""

from io import BytesIO

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.engine.errors import ImageUnreadableError, SettingsError
from worker.engine.image import Image, decode_png, encode_png, fit, noise, resize, resize_classic, solid


def saved(picture: PIL.Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_picture_survives_being_written_and_read(picture: Image) -> None:
    # when
    read = decode_png(encode_png(picture))

    # then
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, np.rint(picture))


def test_values_beyond_the_range_are_clipped_when_written() -> None:
    # given
    image = np.array([[[-40.0, 127.5, 900.0]]], np.float32)

    # when
    read = decode_png(encode_png(image))

    # then
    assert read.tolist() == [[[0.0, 128.0, 255.0]]]


def test_writing_twice_gives_the_same_bytes_whatever_the_order_of_the_texts(picture: Image) -> None:
    # when
    one = encode_png(picture, {"spec": "ö", "seed": "7"})
    other = encode_png(picture, {"seed": "7", "spec": "ö"})

    # then
    assert one == other
    with PIL.Image.open(BytesIO(one)) as opened:
        assert opened.text == {"seed": "7", "spec": "ö"}  # type: ignore[attr-defined]


def test_transparency_lies_on_white() -> None:
    # given
    clear = saved(PIL.Image.new("RGBA", (2, 2), (10, 20, 30, 0)))

    # then
    assert (decode_png(clear) == 255.0).all()


@pytest.mark.parametrize(("mode", "color"), [("L", 128), ("CMYK", (0, 0, 0, 127)), ("I;16", 128 * 257), ("1", 1)])
def test_every_kind_of_picture_becomes_rgb(mode: str, color: object) -> None:
    # given
    picture = PIL.Image.new(mode, (3, 2), color)  # type: ignore[arg-type]

    # when
    read = decode_png(saved(picture, "TIFF"))

    # then
    assert read.shape == (2, 3, 3)
    assert abs(read.mean() - (255.0 if mode == "1" else 128.0)) < 1.0


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    # given
    exif = PIL.Image.Exif()
    exif[0x0112] = 6

    # when
    read = decode_png(saved(PIL.Image.new("RGB", (40, 20)), "JPEG", exif=exif))

    # then
    assert read.shape == (40, 20, 3)


def test_bytes_that_are_no_picture_are_refused_clearly() -> None:
    with pytest.raises(ImageUnreadableError, match="send a PNG"):
        decode_png(b"not a picture")


def test_noise_is_the_same_for_the_same_seed() -> None:
    # when
    one, same, other = noise((20, 30), 1), noise((20, 30), 1), noise((20, 30), 2)

    # then
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.min() >= 0.0
    assert one.max() <= 255.0


@given(level=st.integers(0, 255), height=st.integers(1, 60), width=st.integers(1, 60))
def test_an_even_picture_stays_even_when_resized(level: int, height: int, width: int) -> None:
    # given
    even = solid((level, level, level), (17, 23))

    # then
    np.testing.assert_allclose(resize(even, (height, width)), level, atol=1e-3)
    np.testing.assert_array_equal(resize_classic(even, (height, width)), np.full((height, width, 3), level))


@given(height=st.integers(1, 80), width=st.integers(1, 80), most=st.integers(1, 60))
def test_a_fitted_picture_is_never_longer_than_asked_and_never_enlarged(height: int, width: int, most: int) -> None:
    # when
    fitted = fit(solid((1, 2, 3), (height, width)), most)

    # then
    assert max(fitted.shape[:2]) == min(most, max(height, width))
    assert min(fitted.shape[:2]) >= 1


def test_the_classic_fit_also_enlarges_when_asked() -> None:
    assert fit(solid((1, 2, 3), (20, 31)), 62, upscale=True, classic=True).shape == (40, 62, 3)


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match="max_size"):
        fit(solid((0, 0, 0), (4, 4)), 0)
