"""The animation block of a spec: how the frames are joined."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.spec.record import Record

WEBP_LONGEST_SIDE = 16_383
"""In pixels; one less than any picture's."""

AnimationFormat = Literal["gif", "webp", "apng", "mp4"]
EXTRAS: Mapping[AnimationFormat, str] = MappingProxyType({"mp4": "video"})
"""The formats that not every worker can write, each with the extra that brings its encoder."""


class AnimationSpec(Record):
    """A moving picture of all frames in order."""

    format: AnimationFormat = Field(
        default="gif",
        description="gif plays everywhere; webp and mp4 are far smaller; apng keeps every level; "
        "mp4 needs a worker with the extra video",
    )
    frame_seconds: float = Field(
        default=0.25,
        ge=0.02,
        le=60,
        description="seconds from one frame to the next, blended pictures included; none is shorter than 0.02",
    )
    loop: Literal["forever"] | Annotated[int, Field(ge=1, le=65_535)] = Field(
        default="forever", description="how often it plays; an mp4 leaves that to the player"
    )
    crossfade: int = Field(default=0, ge=0, le=30, description="blended pictures between two frames")
    bounce: bool = Field(default=False, description="play forward, then backward")
    palette: Literal["frame", "global"] = Field(
        default="frame",
        description="a gif's 256 colours: each picture's own, or the same for all, which is smaller",
    )
    dither: bool = Field(
        default=False, description="scatter what a gif's colours miss: smoother gradients, a larger file"
    )

    @model_validator(mode="after")
    def _format_has_all(self) -> Self:
        if self.format != "gif" and (self.palette != "frame" or self.dither):
            raise ValueError(f"palette and dither are a gif's; a {self.format} has all colours: leave them out")
        if self.format == "mp4" and self.loop != "forever":
            raise ValueError(f"an mp4 cannot say how often it plays, got loop {self.loop}: leave it out, or take a gif")
        return self
