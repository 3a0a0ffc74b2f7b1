"""What a plan depends on besides the spec, and the sizes that follow from both."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.equipment import Equipment
from shared.errors import SpecError
from shared.plan.size import Size, fitted
from shared.spec.job import JobSpec
from shared.spec.source import Source


@dataclass(frozen=True)
class Surroundings:
    """What a plan depends on besides the spec.

    Attributes:
        image_sizes: (height, width) of every uploaded image that the spec names.
        equipment: what some worker has; None while that is not known.
        max_cost: largest job that is accepted, in megapixel-steps.
        memory_gib: what a worker has; a stage that would take more is cut into smaller pieces, or its job refused.
        mask_coverages: share of white in every one that is a mask, 0..1.
    """

    image_sizes: Mapping[str, Size] = field(default_factory=dict[str, Size])
    equipment: Equipment | None = None
    max_cost: float = float("inf")
    memory_gib: float = float("inf")
    mask_coverages: Mapping[str, float] = field(default_factory=dict[str, float])


def frame_size(spec: JobSpec, image_sizes: Mapping[str, Size]) -> Size:
    """(height, width) of every frame: the source's, made to fit `max_size`."""
    return fitted(source_size(spec.source, image_sizes), spec.max_size)


def source_size(source: Source, image_sizes: Mapping[str, Size]) -> Size:
    """(height, width) of a source before it is made to fit."""
    made = source.solid or source.noise
    if made is not None:
        return made.size
    if source.frame is not None:
        message = "a frame of another job can be asked of the service alone; name the picture, as {image: path}"
        raise SpecError(message, "/source/frame")
    return image_size(source.image or "", image_sizes, "/source/image")


def image_size(image: str, image_sizes: Mapping[str, Size], pointer: str) -> Size:
    """(height, width) of an upload; `pointer` is where the spec names it."""
    if image not in image_sizes:
        raise SpecError(f"image {image} is not here; upload it with POST /v1/images", pointer)
    return image_sizes[image]
