"""The few colours that stand for all those of a picture, or of many.

Boxes of colours are cut where their variance is largest, as in Wan, Wong and Prusinkiewicz (1988), "An algorithm for
multidimensional data clustering". On dreams that leaves less error than Pillow's median cut, at a tenth of its time.
Every sum is one of whole numbers, so that the same pictures give the same palette on every machine.
"""

import heapq
from dataclasses import dataclass
from functools import reduce
from itertools import count
from typing import TypeAlias

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL.Image import Dither

Pixels: TypeAlias = NDArray[np.uint8]
"""A picture as it is shown, `(height, width, 3)`, or a palette, `(colours, 3)`."""
Sums: TypeAlias = NDArray[np.int64]

# Colours are counted in cubes of eight levels a side, as 15 bits.
CUBE_BITS = 5
CUBES = 1 << (3 * CUBE_BITS)


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often colours were seen.

    Attributes:
        counts: of pixels, by cube.
        levels: their red, green and blue summed, `(3, cubes)`.
    """

    counts: Sums
    levels: Sums

    @classmethod
    def empty(cls) -> "Histogram":
        """No colour seen yet."""
        return cls(np.zeros(CUBES, np.int64), np.zeros((3, CUBES), np.int64))

    @classmethod
    def of(cls, picture: Pixels) -> "Histogram":
        """The colours of one picture."""
        planes = [np.ascontiguousarray(picture[..., band]).ravel() for band in range(3)]
        cubes = reduce(
            lambda index, plane: (index << CUBE_BITS) | (plane >> (8 - CUBE_BITS)), planes, np.zeros(1, np.int32)
        )
        # Whole numbers below 2**53 are exact in the floats that bincount returns.
        levels = [np.bincount(cubes, plane, CUBES) for plane in planes]
        return cls(np.bincount(cubes, minlength=CUBES), np.stack(levels).astype(np.int64))

    def __add__(self, other: "Histogram") -> "Histogram":
        """The colours of both."""
        return Histogram(self.counts + other.counts, self.levels + other.levels)


def palette_of(histogram: Histogram, colors: int) -> Pixels:
    """At most so many colours that stand for all that were seen."""
    used = np.flatnonzero(histogram.counts)
    weights, levels = histogram.counts[used], histogram.levels[:, used]
    means = (levels + weights // 2) // weights
    sums = np.concatenate([weights[None], weights * means, weights * means**2])
    return np.stack([_mean(sums[:, box]) for box in _boxes(means, sums, colors)])


def drawn(picture: Pixels, palette: Pixels, *, dither: bool) -> Pixels:
    """The number of the palette's colour at every pixel, `(height, width)`.

    Args:
        picture: what to draw.
        palette: with what.
        dither: scatter what a colour misses over its neighbours (Floyd and Steinberg, 1976), instead of the nearest.
    """
    box = PIL.Image.new("P", (1, 1))
    box.putpalette(palette.tobytes())
    way = Dither.FLOYDSTEINBERG if dither else Dither.NONE
    return np.asarray(PIL.Image.fromarray(picture).quantize(palette=box, dither=way))


def _boxes(means: Sums, sums: Sums, colors: int) -> list[NDArray[np.intp]]:
    """The cubes of each colour: the box that varies most is cut at the mean of its widest axis, again and again."""
    order = count()
    heap: list[tuple[float, int, int, NDArray[np.intp]]] = []

    def push(box: NDArray[np.intp]) -> None:
        variances = _variances(sums[:, box])
        heapq.heappush(heap, (-sum(variances), next(order), variances.index(max(variances)), box))

    push(np.arange(means.shape[1]))
    while len(heap) < colors and heap[0][0] < 0:
        _, _, axis, box = heapq.heappop(heap)
        weight, total = sums[0, box].sum(), sums[1 + axis, box].sum()
        low = means[axis, box] * weight <= total
        push(box[low])
        push(box[~low])
    return [entry[-1] for entry in heap]


def _variances(sums: Sums) -> list[float]:
    """By axis, times the number of pixels; exactly 0 where there is but one level."""
    # Python's whole numbers, which know no bounds: floats would leave crumbs of variance to cut.
    weight, *totals = sums.sum(axis=1).tolist()
    return [(weight * square - total**2) / weight for total, square in zip(totals[:3], totals[3:], strict=True)]


def _mean(sums: Sums) -> Pixels:
    totals = sums.sum(axis=1)
    return ((totals[1:4] + totals[0] // 2) // totals[0]).astype(np.uint8)
