"""Taking in pictures that people bring."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

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


def test_the_levels_of_sixteen_bits_are_spread_over_those_of_eight() -> None:
    deep = Image.new("I;16", (256, 1))
    for column in range(256):
        deep.putpixel((column, 0), column * 257)

    picture = take_in(encoded(deep), MILLION)

    assert [opened(picture.png).getpixel((column, 0)) for column in range(256)] == [(n, n, n) for n in range(256)]


TRANSPARENT = {
    "an alpha channel": encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0))),
    "grey with alpha": encoded(Image.new("LA", (4, 4), (7, 0))),
    "a colour of a palette": encoded(Image.new("P", (4, 4)), transparency=0),
    "a palette with alpha": encoded(Image.new("P", (4, 4)), transparency=b"\0" * 256),
    "a level": encoded(Image.new("L", (4, 4), 7), transparency=7),
    "a colour": encoded(Image.new("RGB", (4, 4), (1, 2, 3)), transparency=(1, 2, 3)),
    "one of two": encoded(Image.new("1", (4, 4)), transparency=0),
    "a level of sixteen bits": encoded(Image.new("I;16", (4, 4), 513), transparency=513),
    "in WebP": encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "WEBP"),
}


@pytest.mark.parametrize("data", TRANSPARENT.values(), ids=TRANSPARENT.keys())
def test_transparent_parts_lie_on_white(data: bytes) -> None:
    picture = take_in(data, MILLION)

    assert opened(picture.png).getpixel((0, 0)) == (255, 255, 255)


def with_primaries_turned() -> bytes:
    """A colour profile like sRGB's whose red and green have changed places."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")


@pytest.mark.parametrize("profile", [b"no profile", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()])
def test_a_colour_profile_that_does_not_fit_means_nothing(profile: bytes) -> None:
    picture = take_in(encoded(Image.new("RGB", (4, 4), (200, 30, 30)), icc_profile=profile), MILLION)

    assert opened(picture.png).getpixel((0, 0)) == (200, 30, 30)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_colours_are_those_that_the_profile_means(kind: str) -> None:
    red = Image.new("RGB", (16, 16), (255, 0, 0))

    picture = take_in(encoded(red, kind, icc_profile=with_primaries_turned(), lossless=True), MILLION)

    assert opened(picture.png).getpixel((0, 0)) == (0, 255, 0)


def corner(picture: bytes) -> tuple[int, int]:
    """Where the white pixel of a black picture lies: (column, row)."""
    image = opened(picture).convert("L")
    column, row, _, _ = image.point([0] * 128 + [255] * 128).getbbox() or (-1, -1, 0, 0)
    return column, row


@pytest.mark.parametrize(
    ("orientation", "size", "at"),
    [
        (1, (3, 2), (0, 0)),
        (2, (3, 2), (2, 0)),
        (3, (3, 2), (2, 1)),
        (4, (3, 2), (0, 1)),
        (5, (2, 3), (0, 0)),
        (6, (2, 3), (1, 0)),
        (7, (2, 3), (1, 2)),
        (8, (2, 3), (0, 2)),
        (9, (3, 2), (0, 0)),
    ],
)
def test_a_camera_held_in_any_way_is_turned_upright(
    orientation: int, size: tuple[int, int], at: tuple[int, int]
) -> None:
    image = Image.new("L", (3, 2))
    image.putpixel((0, 0), 255)
    exif = Image.Exif()
    exif[0x0112] = orientation

    picture = take_in(encoded(image, exif=exif), MILLION)

    assert (opened(picture.png).size, corner(picture.png)) == (size, at)


BROKEN_EXIFS = {
    "none": b"Exif\0\0nothing at all",
    "cut off": b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01",
    "an entry that points nowhere": b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x05\0\0\0\x09\xff\xff\xff\0\0\0\0\0",
    "an orientation in words": b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x03up\0\0\0\0\0\0",
}


@pytest.mark.parametrize("exif", BROKEN_EXIFS.values(), ids=BROKEN_EXIFS.keys())
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_whose_exif_is_broken_stands_as_it_is(kind: str, exif: bytes) -> None:
    picture = take_in(encoded(Image.new("RGB", (30, 20)), kind, exif=exif), MILLION)

    assert picture.size == (20, 30)


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


def test_the_first_of_the_pictures_that_a_camera_puts_in_one_file_is_taken() -> None:
    first, second = Image.new("RGB", (16, 16), "white"), Image.new("RGB", (16, 16))

    picture = take_in(encoded(first, "MPO", save_all=True, append_images=[second]), MILLION)

    assert opened(picture.png).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_thinnest_pictures_are_taken(kind: str, size: tuple[int, int]) -> None:
    picture = take_in(encoded(Image.new("RGB", size, "white"), kind), MILLION)

    assert picture.size == size[::-1]
    assert opened(picture.png).getpixel((size[0] - 1, size[1] - 1)) == (255, 255, 255)


def sideways() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


WHOLE = [
    encoded(Image.effect_noise((20, 15), 50), kind, exif=sideways(), icc_profile=with_primaries_turned())
    for kind in ("PNG", "JPEG", "WEBP")
]


@settings(deadline=None, max_examples=150)
@given(
    whole=st.sampled_from(WHOLE),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=4)), min_size=1, max_size=4),
    length=st.integers(0, 10_000),
)
def test_however_a_picture_is_damaged_it_is_refused_or_taken_whole(
    whole: bytes, changes: list[tuple[int, bytes]], length: int
) -> None:
    data = bytearray(whole[:length])
    for place, change in changes:
        at = place % (len(data) + 1)
        data[at : at + len(change)] = change

    try:
        picture = take_in(bytes(data), MILLION)
    except (BadImageError, TooLargeError):
        return

    assert opened(picture.png).mode == "RGB"


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
