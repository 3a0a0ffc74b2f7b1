"""The style block of a spec: whose style every frame is painted in, and how."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from shared.spec.dream import LayerRef
from shared.spec.profile import STYLE_DEFAULTS, Profile, with_profile_defaults
from shared.spec.record import Record
from shared.spec.source import MAX_SIDE, ImageId


class StyleImage(Record):
    """A picture whose style is used, with its share among several."""

    image: ImageId
    weight: float = Field(default=1.0, gt=0, le=1000)


class StyleWeights(Record):
    """How much each part of the loss counts."""

    style: float = Field(default=10.0, ge=0, le=1e6)
    content: float = Field(default=2.0, ge=0, le=1e6)
    denoise: float = Field(default=1.0, ge=0, le=1e6)


class StyleSpec(Record):
    """Style transfer of every frame."""

    images: tuple[StyleImage, ...] = Field(min_length=1, max_length=8)
    network: Literal["vgg16"] = "vgg16"
    profile: Profile = "modern"
    iterations: int = Field(default=90, ge=1, le=10_000, description="steps, over all levels")
    optimizer: Literal["gradient-descent", "adam"] = "adam"
    step_size: float = Field(
        default=8.0, gt=0, le=100, description="grey levels a step moves a pixel at most or on average"
    )
    weights: StyleWeights = Field(default_factory=StyleWeights)
    content_layers: tuple[LayerRef, ...] = Field(default=("conv4_2",), min_length=1, max_length=13)
    style_layers: Literal["all"] | Annotated[tuple[LayerRef, ...], Field(min_length=1, max_length=13)] = Field(
        default=("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"), description="all, or a list of layers"
    )
    levels: int = Field(default=3, ge=1, le=8, description="sizes painted at, coarse to fine")
    max_size: int | None = Field(
        default=None, ge=32, le=MAX_SIDE, description="longest side of a style image, in pixels"
    )
    colors: Literal["style", "content"] = Field(default="style", description="content: keep the frame's own colours")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        return with_profile_defaults(data, STYLE_DEFAULTS)
