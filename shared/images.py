"""Takes in pictures that people bring: checks them, turns them into plain RGB and names them by their content."""

# Pillow leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import hashlib
import io
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageMath, ImageStat, UnidentifiedImageError
from PIL.Image import Transpose

from shared.artifacts.store import ArtifactStore
from shared.errors import BadImageError, TooLargeError

FORMATS = ("PNG", "JPEG", "WEBP")
TURNS: Mapping[object, Transpose] = MappingProxyType(
    {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
)
"""What stands a picture upright, by the orientation that its EXIF tells."""
UNREADABLE_EXIF = (SyntaxError, ValueError, TypeError, LookupError, OverflowError, OSError, struct.error)
LEVELS_A_BYTE = 257
"""65,535 becomes 255."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept: PNG, RGB, 8 bits a channel, upright, first frame only.

    Attributes:
        id: `sha256:` and the digest of `png`; the same bytes taken in twice have the same id.
        size: (height, width) in pixels.
    """

    id: str
    png: bytes
    size: tuple[int, int]


def take_in(data: bytes, max_pixels: int) -> Picture:
    """Decode, turn upright, lay transparent parts on white, bring into sRGB and encode again.

    Raises:
        BadImageError: not a picture in one of FORMATS, or a damaged one.
        TooLargeError: more pixels than `max_pixels`, found before anything is decoded.
    """
    with warnings.catch_warnings():
        # A broken EXIF or a vast size is nothing to warn of: both are seen to below.
        warnings.simplefilter("ignore")
        plain = _decoded(data, max_pixels)
    # Comments, cameras and places stay outside.
    plain.info = {}
    buffer = io.BytesIO()
    plain.save(buffer, format="PNG", compress_level=6)
    png = buffer.getvalue()
    return Picture(f"sha256:{hashlib.sha256(png).hexdigest()}", png, (plain.height, plain.width))


def image_key(image_id: str) -> str:
    """Where an image lies in the artifact store."""
    digest = image_id.removeprefix("sha256:")
    return f"images/{digest[:2]}/{digest}.png"


def stored_size(artifacts: ArtifactStore, image_id: str) -> tuple[int, int]:
    """(height, width) of an image taken in before, from its header alone.

    Raises:
        NotFoundError: nobody has uploaded it.
    """
    header = artifacts.read(image_key(image_id), 0, 64)
    with Image.open(io.BytesIO(header), formats=("PNG",)) as image:
        return image.height, image.width


def stored_coverage(artifacts: ArtifactStore, image_id: str) -> float:
    """Share of white, 0..1, of an image taken in before: how much it covers as a mask.

    Raises:
        NotFoundError: nobody has uploaded it.
    """
    with Image.open(io.BytesIO(artifacts.get(image_key(image_id))), formats=("PNG",)) as image:
        return ImageStat.Stat(image.convert("L")).mean[0] / 255.0


def _decoded(data: bytes, max_pixels: int) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_pixels(image.size, max_pixels)
            image.load()
            return _plain(image)
    except Image.DecompressionBombError as error:
        raise TooLargeError(f"the picture is too large to decode: {error}") from error
    except UnidentifiedImageError:
        raise BadImageError(f"not a picture that we can read; possible are {', '.join(FORMATS)}") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadImageError(f"the picture is damaged: {error}; save it anew, or send another") from error


def _check_pixels(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise TooLargeError(f"the picture has {width} x {height} pixels, more than {max_pixels:,}; make it smaller")


def _plain(image: Image.Image) -> Image.Image:
    """Upright 8-bit sRGB."""
    turn = TURNS.get(_orientation(image))
    upright = image if turn is None else image.transpose(turn)
    if upright.mode.startswith("I") or upright.mode == "F":
        return _shallow(upright).convert("RGB")
    if upright.mode in {"LA", "PA", "RGBA", "RGBa", "La"} or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        upright = Image.alpha_composite(white, clear).convert("RGB")
    return _in_srgb(upright, image.info.get("icc_profile")).convert("RGB")


def _orientation(image: Image.Image) -> object:
    """As EXIF tells it; a picture whose EXIF is broken stands as it is."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except UNREADABLE_EXIF:
        return None


def _shallow(image: Image.Image) -> Image.Image:
    """16-bit greys as 8-bit ones, scaled, not clipped; the level that counts as transparent is white."""
    deep = image.convert("I")
    grey = deep.point(lambda level: level * (1 / LEVELS_A_BYTE) + 0.5).convert("L")
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        chosen = ImageMath.lambda_eval(lambda given: given["convert"]((given["deep"] == clear) * 255, "L"), deep=deep)
        grey.paste(255, mask=chosen)
    return grey


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """A picture's colours as its profile means them; one that does not fit the picture means nothing."""
    if not isinstance(profile, bytes) or not profile:
        return image
    colored = image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")
    srgb: Any = ImageCms.createProfile("sRGB")
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(colored, given, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    return converted or image
