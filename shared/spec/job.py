"""The whole spec of a job, as clients write it."""

from typing import Literal, Self

from pydantic import Field, model_validator

from shared.spec.animation import AnimationSpec
from shared.spec.dream import DreamSpec
from shared.spec.record import Record
from shared.spec.source import MAX_SIDE, Source
from shared.spec.style import StyleSpec

MAX_SEED = 2**32 - 1
SMALLEST_MAX_SIZE = 16


class JobSpec(Record):
    """One job: a source, dreamed through layers, painted in a style, animated."""

    version: Literal[1] = 1
    name: str = Field(default="", max_length=200, description="display text", examples=["cat dreams"])
    seed: int | None = Field(default=None, ge=0, le=MAX_SEED, description="drawn and recorded when left out")
    source: Source
    max_size: int | None = Field(
        default=640, ge=SMALLEST_MAX_SIZE, le=MAX_SIDE, description="longest side of every frame, in pixels"
    )
    dream: DreamSpec | None = None
    style: StyleSpec | None = None
    animation: AnimationSpec | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.dream is None and self.style is None:
            raise ValueError("give a dream block, a style block or both; got neither")
        return self

    @property
    def image_ids(self) -> tuple[str, ...]:
        """Every uploaded image that the job reads, each once, in order."""
        styles = self.style.images if self.style else ()
        guide = self.dream.guide.image if self.dream and self.dream.guide else None
        wanted = [self.source.image, guide, *(style.image for style in styles), *self.mask_ids]
        return tuple(dict.fromkeys(image for image in wanted if image is not None))

    @property
    def mask_ids(self) -> tuple[str, ...]:
        """Every uploaded image that is a mask, each once, in order."""
        masks = self.style.masks if self.style else ()
        return tuple(dict.fromkeys(mask.image for mask in masks))
