"""How alike two pictures look: SSIM."""

import numpy as np
from numpy.typing import NDArray

WINDOW = 5


def ssim(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Mean structural similarity (Wang et al., 2004) of two images of 0..255, Gaussian windows of 11; 1 is the same."""
    a, b = (np.clip(image, 0, 255).astype(np.float64) for image in (one, other))
    mean_a, mean_b = _smooth(a), _smooth(b)
    variances = _smooth(a * a) - mean_a**2 + _smooth(b * b) - mean_b**2
    covariance = _smooth(a * b) - mean_a * mean_b
    light, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * mean_a * mean_b + light) * (2 * covariance + contrast)
    return float((above / ((mean_a**2 + mean_b**2 + light) * (variances + contrast))).mean())


def _smooth(image: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(-0.5 * (np.arange(-WINDOW, WINDOW + 1) / 1.5) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        length = image.shape[axis] - 2 * WINDOW
        windows = (np.take(image, range(start, start + length), axis=axis) for start in range(2 * WINDOW + 1))
        image = np.sum([weight * window for weight, window in zip(weights, windows, strict=True)], axis=0)
    return image
