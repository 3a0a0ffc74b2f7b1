"""Motion: a picture zoomed, turned and shifted by fractions of pixels, for frames that flow into each other."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.engine.image import Image, Size

# Lobes of the Lanczos window on either side: three stay crisp over many frames.
LOBES = 3
# Rows that are made at once, to bound memory.
BAND = 64


@dataclass(frozen=True)
class Motion:
    """What lies between two frames: zoom and turn around the centre, then the shift.

    Attributes:
        zoom: size of things afterwards over before, above 0.
        rotate: degrees, counter-clockwise.
        shift: pixels down and right.
    """

    zoom: float
    rotate: float
    shift: tuple[float, float]


def moved(image: Image, motion: Motion) -> Image:
    """The image after a motion, in its old size and range; beyond its borders lies its mirror image.

    Lanczos resampling; where things become smaller the window widens, so that nothing flickers.
    """
    height, width = image.shape[:2]
    bands = [_band(image, motion, np.arange(top, min(top + BAND, height))) for top in range(0, height, BAND)]
    # A Lanczos window swings over at hard edges.
    return np.clip(np.concatenate(bands), image.min(), image.max()).reshape(height, width, 3).astype(np.float32)


def seen_from(rows: NDArray[np.int64], size: Size, motion: Motion) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where in the image before the pixels of some rows come from: row and column, `(rows, width)` each."""
    middle = [(length - 1) / 2 for length in size]
    down = rows[:, None] - middle[0] - motion.shift[0]
    right = np.arange(size[1])[None, :] - middle[1] - motion.shift[1]
    angle = math.radians(motion.rotate)
    cosine, sine = math.cos(angle) / motion.zoom, math.sin(angle) / motion.zoom
    return middle[0] + right * sine + down * cosine, middle[1] + right * cosine - down * sine


def mirrored(index: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Any index brought into 0..length-1, as if the picture went on in mirror images of itself."""
    folded = index % (2 * length)
    return np.where(folded < length, folded, 2 * length - 1 - folded)


def _band(image: Image, motion: Motion, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    size = image.shape[0], image.shape[1]
    sampled = [
        _taps(place, length, motion.zoom) for place, length in zip(seen_from(rows, size, motion), size, strict=True)
    ]
    (row_taps, row_weights), (column_taps, column_weights) = sampled
    band = np.zeros((len(rows), size[1], 3))
    for row, row_weight in zip(row_taps, row_weights, strict=True):
        for column, column_weight in zip(column_taps, column_weights, strict=True):
            band += image[row, column] * (row_weight * column_weight)[:, :, None]
    return band


def _taps(place: NDArray[np.float64], length: int, zoom: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The pixels around a place along one axis, and how much each of them counts: `(taps, rows, width)` both."""
    sharpness = min(1.0, zoom)
    reach = math.ceil(LOBES / sharpness)
    index = np.floor(place).astype(np.int64) + np.arange(1 - reach, reach + 1)[:, None, None]
    distance = np.abs(index - place) * sharpness
    weights = np.where(distance < LOBES, np.sinc(distance) * np.sinc(distance / LOBES), 0.0)
    return mirrored(index, length), weights / weights.sum(axis=0)
