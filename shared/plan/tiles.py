"""The tiles that the engine cuts a frame into: what a stage looks at in one go."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shared.networks import NETWORKS, Layer, NetworkCard
from shared.plan.parameters import DreamParameters, StyleParameters
from shared.plan.size import Size, area

GIB = 2**30
FLOAT_BYTES = 4
PIXEL_BYTES = 3 * FLOAT_BYTES
# As worker/engine/ascent.py and worker/engine/tiles.py cut them.
DREAM_HALO = 0.7
CLASSIC_PIECE = 0.75
# As worker/engine/budget.py reckons and cuts.
ACTIVATION_COPIES = 3.3
STYLE_COPIES = 18
MEMORY_COPIES = 3
REMEMBERED = {"gradient-descent": 0, "adam": 2, "lbfgs": 18}
SMALLEST_SIDE = 128


@dataclass(frozen=True)
class LargestTile:
    """The largest of a frame's tiles, or the frame where it is looked at whole.

    Attributes:
        seen: (height, width) of what is looked at, halo and all.
        own: of what is the tile's alone.
    """

    seen: Size
    own: Size


def dream_tile(parameters: DreamParameters, size: Size) -> LargestTile:
    """The largest tile that a dream looks at."""
    wanted = parameters.tile_size
    height, width = (math.ceil(length / max(1, round(length / wanted))) for length in size)
    if parameters.profile == "classic":
        cut = _cut_anyway(height, size[0]), _cut_anyway(width, size[1])
        return LargestTile(cut, cut)
    layers = named_layers(NETWORKS[parameters.network], [layer.name for layer in parameters.layers])
    # Rounded up to twice the stride on one side.
    margin = math.ceil(DREAM_HALO * max(layer.field for layer in layers)) + max(layer.stride for layer in layers)
    return _haloed((height, width), size, margin)


def style_tile(parameters: StyleParameters, size: Size) -> LargestTile:
    """The largest tile that a style looks at; `classic` looks at every frame whole."""
    layers = layers_of_style(parameters)
    passed = passed_layers(NETWORKS[parameters.network], layers)
    a_pixel = ACTIVATION_COPIES * FLOAT_BYTES * sum(layer.channels / layer.stride**2 for layer in passed)
    left = max(0.0, parameters.memory_gib * GIB - style_standing_bytes(parameters, size))
    if parameters.profile == "classic" or area(size) * a_pixel <= left:
        return LargestTile(size, size)
    halo, stride = math.ceil(max(layer.field for layer in layers) / 2), max(layer.stride for layer in layers)
    side = max(SMALLEST_SIDE, math.isqrt(int(left / a_pixel)) - 2 * (halo + stride)) // stride * stride
    return _haloed((side, side), size, math.ceil(halo / stride) * stride)


def style_standing_bytes(parameters: StyleParameters, size: Size) -> float:
    """What a style takes however small its tiles are: copies of the frame, and what the content looks like."""
    contents = named_layers(NETWORKS[parameters.network], parameters.content_layers)
    activations = sum(layer.channels / layer.stride**2 for layer in contents)
    copies = STYLE_COPIES + MEMORY_COPIES * REMEMBERED[parameters.optimizer]
    return area(size) * (PIXEL_BYTES * copies + 2 * FLOAT_BYTES * activations)


def layers_of_style(parameters: StyleParameters) -> list[Layer]:
    """Every layer that a loss needs."""
    return named_layers(NETWORKS[parameters.network], [*parameters.content_layers, *parameters.style_layers])


def named_layers(network: NetworkCard, names: Sequence[str]) -> list[Layer]:
    """The layers of those names."""
    return [network.layers[network.index(name)] for name in names]


def passed_layers(network: NetworkCard, layers: Sequence[Layer]) -> Sequence[Layer]:
    """The layers on the way to the deepest of those."""
    return network.layers[: max(network.layers.index(layer) for layer in layers) + 1]


def _cut_anyway(tile: int, length: int) -> int:
    """The longest piece: tiles begin a quarter to three quarters before the border, so that a sole one falls in two."""
    return tile if tile < length else math.ceil(CLASSIC_PIECE * length)


def _haloed(own: Size, size: Size, margin: int) -> LargestTile:
    """A tile with a margin wherever it has a neighbour."""
    height, width = (min(tile, length) for tile, length in zip(own, size, strict=True))
    return LargestTile((_seen(height, size[0], margin), _seen(width, size[1], margin)), (height, width))


def _seen(own: int, length: int, margin: int) -> int:
    # Of two tiles each has a neighbour on one side, of three the middle one on both.
    return min(length, own + min(2, math.ceil(length / own) - 1) * margin)
