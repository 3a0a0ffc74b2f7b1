"""Where the first picture of a job comes from."""

from typing import Annotated, Self

from PIL import ImageColor
from pydantic import Field, model_validator

from shared.spec.record import Record
from shared.spec.suggestion import suggestion

MAX_SIDE = 16_384
"""Longest side of any picture, in pixels."""

ImageId = Annotated[
    str,
    Field(
        pattern=r"^sha256:[0-9a-f]{64}$",
        description="an uploaded image, as `POST /v1/images` names it",
        examples=["sha256:" + 64 * "0"],
    ),
]
Side = Annotated[int, Field(ge=1, le=MAX_SIDE)]
Size = Annotated[tuple[Side, Side], Field(description="(height, width) in pixels", examples=[(300, 451)])]
Level = Annotated[int, Field(ge=0, le=255)]


class Solid(Record):
    """A picture of a single colour."""

    color: str | tuple[Level, Level, Level] = Field(
        default="black", description="a name, #rrggbb or (red, green, blue)"
    )
    size: Size = (300, 451)

    @model_validator(mode="after")
    def _color_is_known(self) -> Self:
        _ = self.rgb
        return self

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, 0..255 each."""
        if isinstance(self.color, tuple):
            return self.color
        levels = _levels(self.color)
        if levels is None:
            wanted = "a CSS name such as orange, #rrggbb or [red, green, blue]"
            meant = suggestion(self.color, ImageColor.colormap)
            raise ValueError(f"no colour {self.color!r}; {meant}possible is {wanted}")
        return levels


def _levels(color: str) -> tuple[int, int, int] | None:
    """What a text says of a colour; Pillow also takes levels beyond white."""
    try:
        red, green, blue, *_ = ImageColor.getrgb(color)
    except ValueError:
        return None
    return (red, green, blue) if max(red, green, blue) <= 255 else None


class Noise(Record):
    """A picture of uniform noise, drawn with the job's seed."""

    size: Size = (300, 451)


class Frame(Record):
    """A frame of another job, as its animation shows it; when a job is submitted, the picture takes its place."""

    job: str = Field(min_length=1, max_length=100, examples=["job_01k9"])
    index: int = Field(ge=0, le=9999, description="the frame's number, from 0")


class Source(Record):
    """The first picture: exactly one of an uploaded image, a solid colour, noise or another job's frame."""

    image: ImageId | None = None
    solid: Solid | None = None
    noise: Noise | None = None
    frame: Frame | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name in ("image", "solid", "noise", "frame") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of image, solid, noise, frame; got {' and '.join(given) or 'none'}")
        return self
