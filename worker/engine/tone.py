"""Tone: an image's mean and contrast, held over a long chain of dreams."""

import numpy as np

from worker.engine.image import Image

# Contrast (standard deviation in levels of 0..255) that a dream may have even when its source is flat.
CONTRAST_FLOOR = 48.0


def hold_tone(image: Image, source: Image) -> Image:
    """Bring every colour channel back to the source's mean, and to no more than its contrast."""
    mean, deviation = image.mean(axis=(0, 1)), image.std(axis=(0, 1))
    wanted = np.maximum(source.std(axis=(0, 1)), CONTRAST_FLOOR)
    scale = np.minimum(1.0, wanted / np.maximum(deviation, 1e-8))
    return np.clip((image - mean) * scale + source.mean(axis=(0, 1)), 0.0, 255.0).astype(np.float32)
