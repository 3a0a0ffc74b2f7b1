"""Taking in pictures that people bring."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from shared.artifacts.directory import DirectoryStore
from shared.errors import BadImageError, NotFoundError, TooLargeError
from shared.images import image_key, stored_coverage, stored_size, take_in

MILLION = 1_000_000


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def test_the_same_bytes_have_the_same_id_and_size() -> None:
    data = encoded(Image.new("RGB", (30, 20), "teal"))

    first, second = take_in(data, MILLION), take_in(data, MILLION)

    assert first == second
    assert first.size == (20, 30)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "YCbCr"])
def test_every_mode_becomes_plain_rgb(mode: str) -> None:
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"

    picture = take_in(encoded(Image.new(mode, (40, 40)), kind), MILLION)

    assert opened(picture.png).mode == "RGB"


def test_sixteen_bit_greys_are_scaled_not_clipped() -> None:
    picture = take_in(encoded(Image.new("I;16", (4, 4), 0x8000)), MILLION)

    assert opened(picture.png).getpixel((0, 0)) == (128, 128, 128)


def test_transparent_parts_lie_on_white() -> None:
    picture = take_in(encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0))), MILLION)

    assert opened(picture.png).getpixel((0, 0)) == (255, 255, 255)


def test_a_camera_held_sideways_is_turned_upright() -> None:
    sideways = Image.new("RGB", (40, 20))
    exif = Image.Exif()
    exif[0x0112] = 6

    picture = take_in(encoded(sideways, "JPEG", exif=exif), MILLION)

    assert picture.size == (40, 20)


def test_what_a_picture_tells_of_its_maker_is_dropped(tmp_path: Path) -> None:
    data = encoded(Image.new("RGB", (8, 8)), icc_profile=b"profile" * 50, dpi=(300, 300))
    store = DirectoryStore(tmp_path)

    picture = take_in(data, MILLION)
    store.put(image_key(picture.id), picture.png)

    assert opened(picture.png).info == {}
    assert stored_size(store, picture.id) == (8, 8)


def test_only_the_first_picture_of_a_moving_one_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]

    picture = take_in(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True), MILLION)

    assert opened(picture.png).getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("data", [b"", b"hello", b"<svg/>", encoded(Image.new("RGB", (8, 8)), "GIF")])
def test_what_is_no_picture_of_ours_is_refused_with_what_is(data: bytes) -> None:
    with pytest.raises(BadImageError, match="possible are PNG, JPEG, WEBP"):
        take_in(data, MILLION)


def test_a_truncated_picture_is_refused() -> None:
    whole = encoded(Image.effect_noise((64, 64), 50))

    with pytest.raises(BadImageError, match="damaged"):
        take_in(whole[: len(whole) // 2], MILLION)


def test_too_many_pixels_are_refused_before_decoding() -> None:
    with pytest.raises(TooLargeError, match="2000 x 1000 pixels, more than 1,000,000"):
        take_in(encoded(Image.new("1", (2000, 1000))), MILLION)


def test_a_decompression_bomb_is_refused() -> None:
    with pytest.raises(TooLargeError, match="too large to decode"):
        take_in(encoded(Image.new("1", (15_000, 15_000))), 10**12)


def test_a_stored_image_tells_its_size_from_its_header(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    picture = take_in(encoded(Image.new("RGB", (30, 20))), MILLION)
    store.put(image_key(picture.id), picture.png)

    assert stored_size(store, picture.id) == (20, 30)
    with pytest.raises(NotFoundError):
        stored_size(store, "sha256:" + "0" * 64)


def test_a_mask_covers_as_much_as_it_is_white(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    half = Image.new("L", (20, 10), "black")
    half.paste("white", (0, 0, 10, 10))
    picture = take_in(encoded(half), MILLION)
    store.put(image_key(picture.id), picture.png)

    assert stored_coverage(store, picture.id) == 0.5
