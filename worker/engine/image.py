"""Images as arrays: read, written, made up, resized.

An image is float32 RGB in 0..255 of shape `(height, width, 3)`; sizes are `(height, width)` in pixels.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import TypeAlias

import numpy as np
import PIL.Image
import PIL.ImageOps
from numpy.typing import NDArray
from PIL.Image import Resampling
from PIL.PngImagePlugin import PngInfo

from worker.engine.errors import ImageUnreadableError, SettingsError

Image: TypeAlias = NDArray[np.float32]
Size: TypeAlias = tuple[int, int]

# A byte of 16-bit grey is worth this many of its levels.
LEVELS_A_BYTE = 257.0


def decode_png(data: bytes) -> Image:
    """Read a picture (PNG, and whatever else Pillow reads), turned as EXIF says, with transparency laid on white.

    Raises:
        ImageUnreadableError: the bytes are no picture.
    """
    try:
        with PIL.Image.open(BytesIO(data)) as opened:
            upright = PIL.ImageOps.exif_transpose(opened)
            return np.asarray(_to_rgb(upright), np.float32)
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise ImageUnreadableError(str(error)) from error


def encode_png(image: Image, text: Mapping[str, str] | None = None, effort: int = 6) -> bytes:
    """Write an image as PNG, clipped and rounded to 8 bits, with `text` as iTXt; same input, same bytes.

    Args:
        image: any size.
        text: what the file tells besides.
        effort: 1..9, how hard to look for fewer bytes.
    """
    entries = PngInfo()
    for key, value in sorted((text or {}).items()):
        entries.add_itxt(key, value)
    buffer = BytesIO()
    to_pillow(image).save(buffer, format="PNG", pnginfo=entries, compress_level=effort)
    return buffer.getvalue()


def to_bytes(image: Image) -> NDArray[np.uint8]:
    """Clip to 0..255 and round to the nearest of 256 levels."""
    return np.rint(np.clip(image, 0.0, 255.0)).astype(np.uint8)


def to_pillow(image: Image) -> PIL.Image.Image:
    """The image as Pillow's 8-bit RGB."""
    return PIL.Image.fromarray(to_bytes(image))


def solid(color: tuple[int, int, int], size: Size) -> Image:
    """One colour (RGB, each 0..255) all over."""
    return np.broadcast_to(np.asarray(color, np.float32), (*size, 3)).copy()


def noise(size: Size, seed: int) -> Image:
    """Every value drawn uniformly from 0..255."""
    return np.random.default_rng(seed).uniform(0.0, 255.0, (*size, 3)).astype(np.float32)


def resize_classic(image: Image, size: Size) -> Image:
    """Resize by way of truncated 8-bit values, as the original programs do (shifts the mean by about -0.5)."""
    truncated = PIL.Image.fromarray(np.clip(image, 0.0, 255.0).astype(np.uint8))
    return np.asarray(truncated.resize(_width_first(size), Resampling.LANCZOS), np.float32)


def resize(image: Image, size: Size) -> Image:
    """Resize in floating point with a Lanczos window; may leave 0..255 a little at hard edges."""
    if image.shape[:2] == tuple(size):
        return np.asarray(image, np.float32)
    channels = [
        PIL.Image.fromarray(np.ascontiguousarray(image[:, :, channel], np.float32)).resize(
            _width_first(size), Resampling.LANCZOS
        )
        for channel in range(3)
    ]
    return np.stack([np.asarray(channel, np.float32) for channel in channels], axis=2)


def fit(image: Image, max_size: int | None, *, upscale: bool = False, classic: bool = False) -> Image:
    """Shrink an image so that its longest side is `max_size` pixels, proportions kept; None leaves it alone.

    Args:
        image: any size.
        max_size: longest side of the result in pixels, at least 1.
        upscale: also enlarge an image that is smaller.
        classic: 8-bit resizing and truncated sizes, as the original style program reads its style image.
    """
    if max_size is None:
        return image
    if max_size < 1:
        raise SettingsError("max_size", max_size, "1 pixel or more, or nothing")
    height, width = image.shape[:2]
    factor = max_size / max(height, width)
    if factor == 1.0 or (factor > 1.0 and not upscale):
        return image
    if classic:
        return resize_classic(image, (max(1, int(height * factor)), max(1, int(width * factor))))
    shrunk = resize(image, (max(1, round(height * factor)), max(1, round(width * factor))))
    return np.clip(shrunk, 0.0, 255.0)


def _to_rgb(picture: PIL.Image.Image) -> PIL.Image.Image | NDArray[np.float32]:
    if picture.mode.startswith("I"):
        grey = np.asarray(picture, np.float32) / LEVELS_A_BYTE
        return np.repeat(np.clip(grey, 0.0, 255.0)[:, :, None], 3, axis=2)
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        return PIL.Image.alpha_composite(PIL.Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return picture.convert("RGB")


def _width_first(size: Size) -> tuple[int, int]:
    return size[1], size[0]
