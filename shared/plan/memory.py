"""What a stage takes of a worker's memory at most: an estimate, made without loading anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from shared.networks import NETWORKS, Layer
from shared.plan.parameters import DreamParameters, StageParameters, StyleParameters
from shared.plan.size import Size, area
from shared.plan.tiles import (
    FLOAT_BYTES,
    GIB,
    PIXEL_BYTES,
    dream_tile,
    layers_of_style,
    named_layers,
    passed_layers,
    style_standing_bytes,
    style_tile,
)

# What follows is measured (docs/performance.md). A process that has loaded the engine and traced a step:
PROCESS_BYTES = 560e6
# A network's kernels, as they are read, as tensors, and as a compiled step has them.
KERNEL_COPIES = 3
# For a pixel of a picture as it was handed in: decoded, and made smaller.
READ_BYTES = 52
# Of the frame, while a dream climbs: it and its sources, its gradient, and what the Gaussians are made of.
DREAM_COPIES = 13
# Of a picture of an animation, with its neighbours.
ANIMATION_COPIES = 10
# Of every frame of a batch but the one being painted; counted, not measured: its content, as read and as painted from,
# what it looks like to the network, its picture, and the checkpoint that has all pictures, as arrays and as a file.
BATCH_COPIES = 8

BFLOAT_BYTES = 2

Precision: TypeAlias = Literal["float32", "mixed"]
"""Of convolutions, but for `classic`'s, which are always computed in float32."""


@dataclass(frozen=True)
class Look:
    """How many copies of activations there are at a time, in float32.

    Attributes:
        held: of all that is kept up to the deepest layer needed; in mixed precision one in bfloat16 takes their place.
        seen: in mixed precision, of the layers needed.
    """

    held: float
    seen: float


DREAM_LOOK, STYLE_LOOK = Look(1.2, 2.0), Look(1.5, 1.0)

# The sides that a dream's tiles may get where the memory would not do: below, they would be mostly halo.
TILE_SIDES = (768, 512, 384, 256, 192, 128)
# The least that a style may be told.
LEAST_GIB = 0.25


@dataclass(frozen=True)
class Pictures:
    """The sizes of what a stage works with.

    Attributes:
        frame: what it makes.
        handed_in: pictures that it reads as they were handed in.
    """

    frame: Size
    handed_in: Sequence[Size] = ()


def stage_gib(parameters: StageParameters, pictures: Pictures, precision: Precision = "float32") -> float:
    """What a process that makes a stage takes at most, in GiB, on a CPU.

    Args:
        parameters: of the stage.
        pictures: their sizes.
        precision: what its worker computes in. A plan reckons with float32, which takes more: any may take the stage.
    """
    reading = READ_BYTES * max((area(size) for size in pictures.handed_in), default=0)
    working = _working_bytes(parameters, pictures.frame, precision)
    return (_process_bytes(parameters) + max(reading, working)) / GIB


def fitting(parameters: StageParameters, pictures: Pictures, limit_gib: float) -> StageParameters:
    """The stage in as large tiles as a worker has the memory for; in the smallest where even they would not fit."""
    tried = parameters
    for tried in _tilings(parameters, limit_gib):
        if stage_gib(tried, pictures) <= limit_gib:
            break
    return tried


def _tilings(parameters: StageParameters, limit_gib: float) -> Iterator[StageParameters]:
    """The stage as it is, then in ever smaller tiles; a `classic` one would come out differently."""
    yield parameters
    if isinstance(parameters, DreamParameters) and parameters.profile == "modern":
        for side in TILE_SIDES:
            if side < parameters.tile_size:
                yield parameters.model_copy(update={"tile_size": side})
    if isinstance(parameters, StyleParameters) and parameters.profile == "modern":
        left = limit_gib - _process_bytes(parameters) / GIB
        if left < parameters.memory_gib:
            yield parameters.model_copy(update={"memory_gib": max(LEAST_GIB, left)})


def _process_bytes(parameters: StageParameters) -> float:
    """What a process takes before it looks at a picture."""
    if isinstance(parameters, DreamParameters | StyleParameters):
        return PROCESS_BYTES + KERNEL_COPIES * FLOAT_BYTES * NETWORKS[parameters.network].kernels
    return PROCESS_BYTES


def _working_bytes(parameters: StageParameters, size: Size, precision: Precision) -> float:
    """What looking at a frame takes, and moving it."""
    if isinstance(parameters, DreamParameters):
        layers = named_layers(NETWORKS[parameters.network], [layer.name for layer in parameters.layers])
        a_pixel = _pixel_bytes(parameters, layers, DREAM_LOOK, precision)
        return area(dream_tile(parameters, size).seen) * a_pixel + area(size) * PIXEL_BYTES * DREAM_COPIES
    if isinstance(parameters, StyleParameters):
        a_pixel = _pixel_bytes(parameters, layers_of_style(parameters), STYLE_LOOK, precision)
        others = len(parameters.further_seeds) * area(size) * PIXEL_BYTES * BATCH_COPIES
        return area(style_tile(parameters, size).seen) * a_pixel + style_standing_bytes(parameters, size) + others
    return area(size) * PIXEL_BYTES * ANIMATION_COPIES


def _pixel_bytes(
    parameters: DreamParameters | StyleParameters, layers: Sequence[Layer], look: Look, precision: Precision
) -> float:
    """For each pixel looked at in one go: what lies between it and the deepest of the layers that are needed."""
    passed = passed_layers(NETWORKS[parameters.network], layers)
    held = sum(layer.held / layer.stride**2 for layer in passed)
    if precision == "float32" or parameters.profile == "classic":
        return FLOAT_BYTES * look.held * held
    seen = sum(layer.channels / layer.stride**2 for layer in layers)
    return BFLOAT_BYTES * held + FLOAT_BYTES * look.seen * seen
