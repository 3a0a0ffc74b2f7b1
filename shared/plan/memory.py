"""What a stage takes of a worker's memory at most: an estimate, made without loading anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from shared.networks import NETWORKS, NetworkCard
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
# Of the activations held: a convolution and its ReLU may be one; what a style compares is looked at in copies.
DREAM_HELD_COPIES, STYLE_HELD_COPIES = 0.9, 1.5

BFLOAT_BYTES = 2

Precision: TypeAlias = Literal["float32", "mixed"]

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
        precision: of the convolutions, but for `classic`. A plan reckons with float32, which takes more: any worker
            may take the stage.
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
        names = [layer.name for layer in parameters.layers]
        a_pixel = _pixel_bytes(
            NETWORKS[parameters.network], names, DREAM_HELD_COPIES * _number_bytes(parameters, precision)
        )
        return area(dream_tile(parameters, size).seen) * a_pixel + area(size) * PIXEL_BYTES * DREAM_COPIES
    if isinstance(parameters, StyleParameters):
        names = [layer.name for layer in layers_of_style(parameters)]
        a_pixel = _pixel_bytes(
            NETWORKS[parameters.network], names, STYLE_HELD_COPIES * _number_bytes(parameters, precision)
        )
        others = len(parameters.further_seeds) * area(size) * PIXEL_BYTES * BATCH_COPIES
        return area(style_tile(parameters, size).seen) * a_pixel + style_standing_bytes(parameters, size) + others
    return area(size) * PIXEL_BYTES * ANIMATION_COPIES


def _number_bytes(parameters: DreamParameters | StyleParameters, precision: Precision) -> int:
    """What a number of an activation takes; `classic` looks in float32 always."""
    return BFLOAT_BYTES if precision == "mixed" and parameters.profile == "modern" else FLOAT_BYTES


def _pixel_bytes(network: NetworkCard, names: Sequence[str], number_bytes: float) -> float:
    """For each pixel looked at in one go: what is held on the way to the deepest layer, and what it is copied into.

    Args:
        network: what looks.
        names: of the layers that an objective or a loss needs.
        number_bytes: for each number held.
    """
    passed = passed_layers(network, named_layers(network, names))
    return number_bytes * sum(layer.held / layer.stride**2 for layer in passed)
