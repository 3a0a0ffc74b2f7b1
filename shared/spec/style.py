"""The style block of a spec: whose style every frame is painted in, and how."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BeforeValidator, Field, model_validator

from shared.spec.dream import LayerRef
from shared.spec.profile import STYLE_DEFAULTS, Profile, with_profile_defaults
from shared.spec.record import Record
from shared.spec.source import MAX_SIDE, ImageId


def _named(layers: Any) -> Any:
    """A mapping's numbers as names, which is what JSON makes of them."""
    if not isinstance(layers, Mapping):
        return layers
    given = cast("Mapping[Any, Any]", layers)
    return {str(layer) if isinstance(layer, int) else layer: weight for layer, weight in given.items()}


MAX_BATCH_SIZE = 64
"""A stage's checkpoint has a picture or more of every frame of its batch."""

StyleOptimizer = Literal["gradient-descent", "adam", "lbfgs"]
StyleColors = Literal["style", "content", "matched"]
LayerWeight = Annotated[float, Field(ge=1e-6, le=1000)]
LayerList = Annotated[tuple[LayerRef, ...], Field(min_length=1, max_length=13)]
LayerWeights = Annotated[dict[str, LayerWeight], Field(min_length=1, max_length=13), BeforeValidator(_named)]


class StyleMask(Record):
    """Where a style holds: in the white parts of a picture, in grey ones by half; stretched to the frames' size."""

    image: ImageId
    invert: bool = Field(default=False, description="in the black parts instead")


class StyleImage(Record):
    """A picture whose style is used, with its share among several."""

    image: ImageId
    weight: float = Field(default=1.0, ge=1e-6, le=1000)
    mask: StyleMask | None = Field(default=None, description="where it holds; everywhere when left out")


class StyleWeights(Record):
    """How much each part of the loss counts."""

    style: float = Field(default=10.0, ge=0, le=1e6)
    content: float = Field(default=2.0, ge=0, le=1e6)
    denoise: float = Field(default=1.0, ge=0, le=1e6)

    @model_validator(mode="after")
    def _something_counts(self) -> Self:
        if not self.style and not self.content and not self.denoise:
            raise ValueError("all weights are 0, so nothing would be painted; give one at least a weight above 0")
        return self


class Plateau(Record):
    """When a size is left before its last step: its loss hardly falls any more."""

    tolerance: float = Field(default=0.01, gt=0, lt=1, description="share of the loss that a window must gain at least")
    steps: int = Field(default=10, ge=1, le=1000, description="steps of a window")


class StyleSpec(Record):
    """Style transfer of every frame."""

    images: tuple[StyleImage, ...] = Field(min_length=1, max_length=8)
    network: Literal["vgg16"] = "vgg16"
    profile: Profile = "modern"
    iterations: int = Field(default=90, ge=1, le=10_000, description="steps, over all levels")
    optimizer: StyleOptimizer = "adam"
    step_size: float = Field(
        default=8.0, gt=0, le=100, description="grey levels a step moves a pixel at most or on average"
    )
    weights: StyleWeights = Field(default_factory=StyleWeights)
    content_layers: LayerList | LayerWeights = Field(
        default=("conv4_2",), description="a list of layers, or what each counts", examples=[{"conv4_2": 1}]
    )
    style_layers: Literal["all"] | LayerList | LayerWeights = Field(
        default=("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"),
        description="all, a list of layers, or what each counts",
        examples=[{"conv1_1": 1, "conv5_1": 4}],
    )
    start: Literal["content", "noise"] | Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None,
        description="content, noise, or the share of noise between; by default content in modern, noise in classic",
        examples=["noise", 0.3],
    )
    levels: int = Field(default=3, ge=1, le=8, description="sizes painted at, coarse to fine")
    result: Literal["best", "averaged", "last"] | None = Field(
        default=None,
        description="the picture with the smallest loss, a mean of the last ones, or the last; "
        "by default best in modern, last in classic",
    )
    plateau: Plateau | None = Field(default=None, description="stop early where the loss stands still")
    memory_gib: float = Field(
        default=10.0,
        ge=1,
        le=1024,
        description="memory that a step may take, or less where a worker has less; larger frames are looked at in "
        "tiles (not in classic)",
    )
    batch_size: int = Field(
        default=1, ge=1, le=MAX_BATCH_SIZE, description="frames that one stage paints, on a GPU side by side"
    )
    max_size: int | None = Field(
        default=None, ge=32, le=MAX_SIDE, description="longest side of a style image, in pixels"
    )
    scale: float | None = Field(
        default=None,
        gt=0,
        le=4,
        description="longest side of a style image over that of the frames, instead of max_size",
    )
    colors: StyleColors = Field(
        default="style",
        description="content: keep the frame's own colours; matched: give the style images the frame's colours first",
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        return with_profile_defaults(data, STYLE_DEFAULTS)

    @model_validator(mode="after")
    def _classic_stays_classic(self) -> Self:
        """Its losses change their scale at every step, so nothing can compare them; and it has a size of its own."""
        asked = {
            "mask": self.masks != (),
            "optimizer: lbfgs": self.optimizer == "lbfgs",
            "plateau": self.plateau is not None,
            "result: best": self.result == "best",
            "scale": self.scale is not None,
        }
        refused = [name for name, given in asked.items() if given]
        if self.profile == "classic" and refused:
            raise ValueError(f"profile classic has no {' and no '.join(refused)}; leave it out, or take profile modern")
        return self

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        if self.masks and len(self.masks) < len(self.images):
            raise ValueError("give every style image a mask, or none; a mask for the rest is one with invert: true")
        return self

    @property
    def masks(self) -> tuple[StyleMask, ...]:
        """The masks of the style images, in their order."""
        return tuple(style.mask for style in self.images if style.mask is not None)

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if self.scale is not None and self.max_size is not None:
            raise ValueError("give scale or max_size, not both")
        return self
