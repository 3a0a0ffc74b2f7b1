"""Colours apart from brightness: a picture repainted in grey, and given its own colours back."""

import numpy as np

from worker.engine.image import Image

# ITU-R BT.601, as in JPEG.
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def luma(image: Image) -> Image:
    """Brightness 0..255, `(height, width, 1)`."""
    return (image @ LUMA)[:, :, None]


def grey(image: Image) -> Image:
    """The image without its colours, still with three channels."""
    return np.repeat(luma(image), 3, axis=2)


def matched_grey(image: Image, like: Image) -> Image:
    """The image in grey, with the mean brightness and contrast of another, so that its style suits that one's light."""
    brightness, wanted = luma(image), luma(like)
    scale = wanted.std() / max(float(brightness.std()), 1.0)
    moved = (brightness - brightness.mean()) * scale + wanted.mean()
    return np.repeat(np.clip(moved, 0.0, 255.0), 3, axis=2).astype(np.float32)


def recolored(image: Image, colors: Image) -> Image:
    """The brightness of one image with the colours of another of the same size (Gatys et al., 2016, luminance only)."""
    return np.clip(colors - luma(colors) + luma(image), 0.0, 255.0).astype(np.float32)
