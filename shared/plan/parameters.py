"""What a stage must know apart from the pictures it reads, fully resolved: no defaults, no `auto`, no ranges."""

from operator import not_
from typing import Annotated, Literal

from pydantic import Field

from shared.spec.animation import AnimationSpec
from shared.spec.dream import DreamObjective
from shared.spec.profile import Profile
from shared.spec.record import Record
from shared.spec.style import Plateau, StyleColors, StyleOptimizer, StyleWeights


class LayerParameters(Record):
    """A layer, alone or beside others."""

    name: str
    weight: float = Field(description="beside the others', the heaviest being 1")
    channels: tuple[int, ...] | None = Field(description="all when null")
    strongest: int | None = Field(description="so many channels, found in the start picture; all when null")


class DreamParameters(Record):
    """One layer, or several at once, dreamed into one picture."""

    kind: Literal["dream"] = "dream"
    network: str
    layers: tuple[LayerParameters, ...]
    objective: DreamObjective
    iterations: int
    step_size: float
    repeats: int
    rescale_factor: float
    blend: float
    tile_size: int
    hold_tone: bool | None = Field(description="as the profile has it when null")
    profile: Profile
    seed: int


class StyleParameters(Record):
    """Pictures painted in the style of others: inputs are the contents, the style images, the masks."""

    kind: Literal["style"] = "style"
    network: str
    profile: Profile
    iterations: int
    optimizer: StyleOptimizer
    step_size: float
    weights: StyleWeights
    image_weights: tuple[float, ...]
    regions: tuple[int, ...] = Field(description="number of each style image's mask; empty without masks")
    inverted: tuple[bool, ...] = Field(description="whether a mask's black parts are meant, one a mask")
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_layer_weights: tuple[float, ...]
    style_layer_weights: tuple[float, ...]
    start_noise: float | None = Field(description="share of noise in the start; as the profile has it when null")
    levels: int
    memory_gib: float
    result: Literal["best", "averaged", "last"] | None = Field(description="as the profile has it when null")
    plateau: Plateau | None
    colors: StyleColors
    seed: int
    # Left out where there is none: the keys of stages that paint one picture are those from before there were batches.
    further_seeds: tuple[int, ...] = Field(
        default=(), exclude_if=not_, description="of the batch's frames behind the first"
    )

    @property
    def seeds(self) -> tuple[int, ...]:
        """One for each content."""
        return (self.seed, *self.further_seeds)


class AnimateParameters(Record):
    """All frames, in order, joined."""

    kind: Literal["animate"] = "animate"
    animation: AnimationSpec


StageParameters = Annotated[DreamParameters | StyleParameters | AnimateParameters, Field(discriminator="kind")]
