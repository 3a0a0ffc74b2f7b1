"""Takes in pictures that people bring: checks them, turns them into plain RGB and names them by their content."""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from shared.artifacts.store import ArtifactStore
from shared.errors import BadImageError, TooLargeError

FORMATS = ("PNG", "JPEG", "WEBP")


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
    """Decode, turn upright, lay transparent parts on white, convert to RGB and encode again.

    Raises:
        BadImageError: not a picture in one of FORMATS, or a damaged one.
        TooLargeError: more pixels than `max_pixels`, found before anything is decoded.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_pixels(image.size, max_pixels)
                plain = _plain(image)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise TooLargeError(f"the picture is too large to decode: {error}") from error
        except UnidentifiedImageError:
            raise BadImageError(f"not a picture that we can read; possible are {', '.join(FORMATS)}") from None
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise BadImageError(f"the picture is damaged: {error}") from error
    # Colour profiles, comments, cameras and places stay outside.
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


def _check_pixels(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise TooLargeError(f"the picture has {width} x {height} pixels, more than {max_pixels:,}; make it smaller")


def _plain(image: Image.Image) -> Image.Image:
    """Upright 8-bit RGB; 16-bit greys are scaled, not clipped."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I") or upright.mode == "F":
        return upright.convert("I").point(lambda level: level / 256).convert("L").convert("RGB")
    if upright.mode in {"LA", "PA", "RGBA", "RGBa", "La"} or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return upright.convert("RGB")
