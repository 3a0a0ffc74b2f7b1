"""The dream block of a spec: which layers of which network are amplified, and how."""

from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from shared.spec.profile import DREAM_DEFAULTS, Profile, with_profile_defaults
from shared.spec.record import Record
from shared.spec.source import MAX_SIDE, ImageId

DreamNetwork = Literal["auto", "inception5h", "googlenet", "vgg16"]
DreamObjective = Literal["mean-square", "mean", "guide"]
LayerRef = Annotated[int | str, Field(description="a layer's name or number", examples=["mixed4c", 7])]
Channel = Annotated[int, Field(ge=0, le=4095)]


def _keys_as_text(data: Any) -> Any:
    """YAML has layers' numbers as numbers, JSON as text."""
    return (
        {str(key): weight for key, weight in cast("dict[Any, Any]", data).items()} if isinstance(data, dict) else data
    )


def _weighty(mix: dict[str, float]) -> dict[str, float]:
    if not any(mix.values()):
        raise ValueError("all weights are 0; give one layer at least a weight above 0")
    return mix


LayerMix = Annotated[
    dict[str, Annotated[float, Field(ge=0, le=1000)]],
    BeforeValidator(_keys_as_text),
    AfterValidator(_weighty),
    Field(
        min_length=1,
        max_length=16,
        description="layers dreamed at once, each with how far it moves the picture beside the others",
        examples=[{"mixed4c": 1.0, "mixed5a": 0.5}],
    ),
]


class ChannelSlice(Record):
    """The channels from `start` up to, not including, `stop`."""

    start: Channel = 0
    stop: Channel = 3


class RandomChannels(Record):
    """A random share of every layer's channels, drawn with the job's seed, without replacement."""

    from_layer: LayerRef = Field(default=0, description="earlier layers keep all their channels")
    fraction: float | None = Field(
        default=None, gt=0, le=1, description="share of the channels, 0.1 when no count is given"
    )
    count: int | None = Field(default=None, ge=1, le=4096, description="how many channels")

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.fraction is not None and self.count is not None:
            raise ValueError("give fraction or count, not both")
        return self

    def size(self, channels: int) -> int:
        """How many of a layer's channels are drawn, one at least; a count may be more than the layer has."""
        if self.count is not None:
            return self.count
        return max(1, round((self.fraction or 0.1) * channels))


class ChannelChoice(Record):
    """Which channels of a layer are amplified: exactly one of a list, a slice, a random share or the strongest."""

    only: tuple[Channel, ...] | None = Field(default=None, min_length=1, max_length=4096)
    slice: ChannelSlice | None = None
    random: RandomChannels | None = None
    strongest: int | None = Field(
        default=None, ge=1, le=4096, description="so many, those that respond most to the picture the stage starts from"
    )

    @model_validator(mode="before")
    @classmethod
    def _list_is_only(cls, data: Any) -> Any:
        return {"only": cast("list[Any]", data)} if isinstance(data, list | tuple) else data

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name in ("only", "slice", "random", "strongest") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give a list, a slice, random or strongest; got {' and '.join(given) or 'none'}")
        return self


Pixels = Annotated[float, Field(ge=-MAX_SIDE, le=MAX_SIDE)]


class Guide(Record):
    """A picture towards whose features the dream is pulled."""

    image: ImageId
    max_size: int = Field(
        default=224, ge=32, le=512, description="longest side that it is looked at with, in pixels; smaller is quicker"
    )


class Motion(Record):
    """What lies between two frames: zoom and turn around the centre, then the shift; beyond the borders a mirror."""

    zoom: float = Field(default=1.05, ge=0.5, le=2, description="size of things in a frame over that in the one before")
    rotate: float = Field(default=0.0, ge=-180, le=180, description="degrees counter-clockwise")
    shift: tuple[Pixels, Pixels] = Field(default=(0.0, 0.0), description="pixels (down, right)")


class Endless(Motion):
    """A dream without end: every frame dreams on from the one before, moved."""

    frames: int = Field(default=30, ge=1, le=300, description="how many frames are made")


class DreamSpec(Record):
    """DeepDream through a chain of layers: every entry of `layers` gives one frame."""

    network: DreamNetwork = Field(default="auto", description="auto: the first of the others that a worker has")
    layers: str | Annotated[tuple[LayerRef | LayerMix, ...], Field(min_length=1, max_length=64)] | None = Field(
        default=None,
        description="a range `first..last` or a list in order, each entry a layer or several with weights; "
        "by default the network's best chain",
        examples=["1..11", ["mixed3b", "mixed4c"], [{"mixed4c": 1.0, "mixed5a": 0.5}]],
    )
    mode: Literal["chain", "independent"] = Field(
        default="chain", description="chain: each frame is the next layer's input"
    )
    endless: Endless | None = Field(
        default=None,
        description="frames that dream on and on, each through the next of `layers`, then from the first again",
    )
    channels: ChannelChoice | None = Field(default=None, description="all channels when left out")
    objective: DreamObjective = Field(
        default="mean-square",
        description="what of the activations grows; mean-square favours strong ones, mean spreads more evenly, "
        "guide pulls every place to what it is most like in the guide image",
        examples=["mean"],
    )
    guide: Guide | None = Field(default=None, description="wanted by the objective guide, and by no other")
    iterations: int = Field(default=10, ge=1, le=1000, description="steps an octave")
    step_size: float = Field(default=3.0, gt=0, le=100, description="grey levels an average step moves a pixel")
    repeats: int = Field(default=4, ge=0, le=12, description="smaller octaves below the full size")
    rescale_factor: float = Field(
        default=0.7, ge=0.2, le=0.95, description="size of an octave over the next larger one"
    )
    blend: float = Field(default=0.2, ge=0, le=1, description="share of the image itself in an octave's start")
    tile_size: int = Field(
        default=1024,
        ge=64,
        le=4096,
        description="wanted side of the pieces that a large picture is looked at in, in pixels; smaller ones where a "
        "worker has not the memory (not in classic)",
    )
    hold_tone: bool | None = Field(
        default=None, description="keep every frame's mean and contrast at the source's; by default in modern only"
    )
    profile: Profile = "modern"

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        return with_profile_defaults(data, DREAM_DEFAULTS)

    @model_validator(mode="after")
    def _endless_is_a_chain(self) -> Self:
        if self.endless is not None and self.mode == "independent":
            raise ValueError("an endless dream is a chain; leave out mode: independent, or endless")
        return self

    @model_validator(mode="after")
    def _guide_where_it_is_wanted(self) -> Self:
        if (self.objective == "guide") != (self.guide is not None):
            given = "a guide" if self.guide else "no guide"
            raise ValueError(f"objective: guide and a guide image go together; got {self.objective} and {given}")
        return self
