"""DeepDream's octaves: the sizes that an image is dreamed at, and the way from one to the next."""

import itertools
import math
from collections.abc import Callable

import numpy as np

from worker.engine.gaussian import blur_exact
from worker.engine.image import Image, Size

Resize = Callable[[Image, Size], Image]

# Blur before shrinking, in pixels, as in the original program.
SHRINK_SIGMA = 0.5


def octave_sizes(size: Size, rescale_factor: float, repeats: int, minimum: int = 1) -> tuple[Size, ...]:
    """Sizes of all octaves, smallest first, ending at the image's own; those with a side under `minimum` are left out.

    The sizes are truncated products in float64 (90 x 0.7 gives 62), as the original program computes them.
    """
    sizes = [size]
    for _ in range(repeats):
        height, width = (int(length * rescale_factor) for length in sizes[-1])
        if min(height, width) < minimum:
            break
        sizes.append((height, width))
    return tuple(reversed(sizes))


def smallest_side(rescale_factor: float, repeats: int) -> int:
    """The smallest side in pixels that leaves a pixel to the smallest of `repeats` octaves below it."""
    side = 1
    for _ in range(repeats):
        # Near what the quotient says, but it is the truncated product that decides.
        near = max(1, math.floor(side / rescale_factor) - 1)
        side = next(larger for larger in itertools.count(near) if int(larger * rescale_factor) >= side)
    return side


def octave_sources(image: Image, sizes: tuple[Size, ...], resize: Resize) -> tuple[Image, ...]:
    """The undreamed image at every octave, smallest first: each blurred and shrunk from the next larger one."""
    sources = [image]
    for size in reversed(sizes[:-1]):
        sources.append(resize(blur_exact(sources[-1], SHRINK_SIGMA, axes=(0, 1)), size))
    return tuple(reversed(sources))


def blended(source: Image, dreamed: Image, blend: float, resize: Resize) -> Image:
    """Where an octave starts: `blend` parts of its source, the rest the smaller octave's dream enlarged to its size."""
    enlarged = resize(dreamed, (source.shape[0], source.shape[1]))
    return (blend * source + (1.0 - blend) * enlarged).astype(np.float32)
