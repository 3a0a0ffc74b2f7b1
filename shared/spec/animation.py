"""The animation block of a spec: how the frames are joined."""

from typing import Annotated, Literal

from pydantic import Field

from shared.spec.record import Record


class AnimationSpec(Record):
    """A GIF of all frames in order."""

    format: Literal["gif"] = "gif"
    frame_seconds: float = Field(default=0.25, ge=0.02, le=60, description="how long each frame is shown, in seconds")
    loop: Literal["forever"] | Annotated[int, Field(ge=1, le=65_535)] = Field(
        default="forever", description="how often it plays"
    )
    crossfade: int = Field(default=0, ge=0, le=30, description="blended pictures between two frames")
    bounce: bool = Field(default=False, description="play forward, then backward")
