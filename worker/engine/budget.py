"""The memory that a step of a style takes, and the tiles that keep it within a budget."""

import math

from worker.engine.image import Size
from worker.engine.losses import Lens
from worker.engine.mosaic import mosaic
from worker.engine.tiles import Tile

GIB = 2**30
FLOAT_BYTES = 4
# Of every activation up to the deepest layer: its value, its gradient, and what a convolution works with. Measured with
# vgg16's default layers: 3.8 kB a pixel, copies of the picture included.
ACTIVATION_COPIES = 3.3
# Of the picture: itself, its gradient, the best one, and copies between steps.
PICTURE_COPIES = 18
# Of what an optimizer remembers: as it was, as it becomes, and outside the graph.
MEMORY_COPIES = 3
# Smaller tiles would be mostly halo.
SMALLEST_SIDE = 128


def fitting_tiles(lens: Lens, size: Size, budget_gib: float, remembered: int = 0) -> tuple[Tile, ...]:
    """The largest tiles of a picture that keep a step within a budget; none where the whole picture does.

    A picture whose own copies already take the budget gets the smallest tiles there are. `classic`, whose sums are not
    averages, looks at every picture whole, as the original program did.

    Args:
        lens: what looks.
        size: of the picture.
        budget_gib: what a step may take.
        remembered: pictures that the optimizer remembers, nothing where none is at work.
    """
    if lens.profile.lagged_factors:
        return ()
    left = budget_gib * GIB - standing_bytes(lens, size, remembered)
    a_pixel = bytes_a_pixel(lens)
    if size[0] * size[1] * a_pixel <= left:
        return ()
    halo, stride = halo_and_stride(lens)
    seen = math.isqrt(int(max(0.0, left) / a_pixel))
    # The halo is rounded up to the stride on both sides.
    side = max(SMALLEST_SIDE, seen - 2 * (halo + stride))
    return mosaic(size, side, halo, stride)


def fitting_pictures(lens: Lens, size: Size, budget_gib: float, remembered: int) -> int:
    """How many pictures of a size a step may take at once within a budget; 0 where one alone needs tiles."""
    one = size[0] * size[1] * bytes_a_pixel(lens) + standing_bytes(lens, size, remembered)
    return int(budget_gib * GIB // one)


def halo_and_stride(lens: Lens) -> tuple[int, int]:
    """What a tile must see around itself, and what its borders must be multiples of, in pixels."""
    layers = lens.content_layers + lens.style_layers
    fields = [lens.network.receptive_field(layer) for layer in layers]
    return math.ceil(max(fields) / 2), max(lens.network.stride(layer) for layer in layers)


def bytes_a_pixel(lens: Lens) -> float:
    """What a step takes for each pixel that is looked at in one go."""
    names = lens.network.layers
    deepest = max(names.index(layer) for layer in lens.content_layers + lens.style_layers)
    shapes = [lens.network.geometry[name] for name in names[: deepest + 1]]
    return ACTIVATION_COPIES * FLOAT_BYTES * sum(shape.channels / shape.stride**2 for shape in shapes)


def standing_bytes(lens: Lens, size: Size, remembered: int) -> float:
    """What a step takes however small its tiles are: copies of the picture, and the content's activations."""
    shapes = [lens.network.geometry[name] for name in lens.content_layers]
    contents = sum(shape.channels / shape.stride**2 for shape in shapes)
    pictures = PICTURE_COPIES + MEMORY_COPIES * remembered
    return FLOAT_BYTES * size[0] * size[1] * (3 * pictures + 2 * contents)
