"""The records that a plan is made of."""

from enum import StrEnum
from functools import cached_property

from pydantic import Field

from shared.equipment import Equipment
from shared.plan.parameters import AnimateParameters, StageParameters
from shared.spec.animation import EXTRAS
from shared.spec.dream import Motion
from shared.spec.record import Record
from shared.spec.source import Source


class StageKind(StrEnum):
    """What a stage does."""

    DREAM = "dream"
    STYLE = "style"
    ANIMATE = "animate"


def _is_none(value: object) -> bool:
    return value is None


class StageInput(Record):
    """One picture that a stage reads: the frame of another stage, or a source."""

    stage: str | None = Field(default=None, description="the stage whose frame is read")
    # Left out where there is none, as the further seeds of a style are.
    frame: int | None = Field(
        default=None, exclude_if=_is_none, description="which of the stage's frames, from 0, where it makes several"
    )
    source: Source | None = None
    max_size: int | None = Field(
        default=None, description="a larger source is made smaller first, longest side in pixels"
    )
    classic: bool = Field(
        default=False, description="resized as the original style program did: enlarged too, in 8 bits"
    )
    enlarge: bool = Field(default=False, description="a smaller source is made larger, up to `max_size`")
    seed: int | None = Field(default=None, description="what a noise source is drawn with")
    motion: Motion | None = Field(default=None, description="how the picture is moved before it is looked at")


class Stage(Record):
    """The smallest unit of work that is leased, retried and checkpointed.

    Attributes:
        id: unique in the job, such as `dream-03`.
        index: the number of its frame in the animation, from 0; of the first where it makes several.
        label: what people call it, such as `mixed4c`.
        inputs: the pictures it reads, in the order that its kind expects.
        key: sha256 over parameters, inputs, weights and engine epoch; the result lies there.
        work: cost in megapixel-steps.
        memory_gib: what a process that makes it takes at most, estimated.
        labels: what people call each of its frames, where it makes several.
    """

    id: str
    index: int
    label: str
    inputs: tuple[StageInput, ...]
    parameters: StageParameters
    key: str
    work: float
    # Plans that were stored by earlier versions do not tell it.
    memory_gib: float = 0.0
    labels: tuple[str, ...] = ()

    @property
    def frames(self) -> tuple[int | None, ...]:
        """The numbers of its frames among its own; the only one has none."""
        return tuple(range(len(self.labels))) or (None,)

    @property
    def kind(self) -> StageKind:
        """What the stage does."""
        return StageKind(self.parameters.kind)

    @property
    def equipment(self) -> Equipment:
        """What whoever carries it out must have."""
        if isinstance(self.parameters, AnimateParameters):
            extra = EXTRAS.get(self.parameters.animation.format)
            return Equipment(extras=(extra,) if extra else ())
        return Equipment(networks=(self.parameters.network,))

    @property
    def needs(self) -> tuple[str, ...]:
        """The stages whose frames this one reads, each once."""
        return tuple(dict.fromkeys(item.stage for item in self.inputs if item.stage is not None))


class Plan(Record):
    """All stages of a job, each after those it needs."""

    seed: int
    network: str | None = Field(description="the network that dreams")
    size: tuple[int, int] = Field(description="(height, width) of every frame, in pixels")
    stages: tuple[Stage, ...]

    @cached_property
    def work(self) -> float:
        """Cost of the whole job, in megapixel-steps."""
        return sum(stage.work for stage in self.stages)

    @cached_property
    def memory_gib(self) -> float:
        """What the stage that takes most memory takes."""
        return max(stage.memory_gib for stage in self.stages)

    def stage(self, stage_id: str) -> Stage:
        """The stage of that id."""
        return next(stage for stage in self.stages if stage.id == stage_id)
