"""Colours of a content kept: a style repainted in grey or in the content's own colours, those given back."""

import numpy as np
from numpy.typing import NDArray

from worker.engine.image import Image

# ITU-R BT.601, as in JPEG.
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# In levels squared: less is grain.
LEAST_VARIANCE = 1.0


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


def matched_colors(image: Image, like: Image) -> Image:
    """The image with the mean and the covariance of another's colours, clipped to 0..255.

    Gatys et al., "Preserving color in neural artistic style transfer" (2016), section 4.1, the symmetric solution.
    """
    pixels, wanted = (np.asarray(picture, np.float64).reshape(-1, 3) for picture in (image, like))
    turn = _root(np.cov(wanted, rowvar=False), 0.5) @ _root(np.cov(pixels, rowvar=False), -0.5)
    moved = (pixels - pixels.mean(axis=0)) @ turn.T + wanted.mean(axis=0)
    return np.clip(moved, 0.0, 255.0).astype(np.float32).reshape(image.shape)


def _root(covariance: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    """A power of a symmetric matrix; where an image has next to no variance, none is made of it."""
    variances, axes = np.linalg.eigh(covariance)
    return (axes * np.maximum(variances, LEAST_VARIANCE) ** power) @ axes.T
