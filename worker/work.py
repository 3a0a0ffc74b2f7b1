"""What the runner asks of a stage's work: the seam between the stage protocol and the engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from shared.artifacts.store import ArtifactStore
from shared.plan.records import Plan, Stage
from shared.results import SurveyedLayer


def _unwatched() -> None:
    """A sign of life that nobody waits for."""


@dataclass(frozen=True)
class StageContext:
    """All that a stage may look at.

    Attributes:
        stage: what to do.
        plan: the whole job's plan, to find the results of other stages.
        artifacts: where sources and those results lie.
        alive: to be called in the middle of what takes long: a unit that never calls it is taken for one that hangs.
    """

    stage: Stage
    plan: Plan
    artifacts: ArtifactStore
    alive: Callable[[], None] = _unwatched


class StageWork(Protocol):
    """The work of one stage, done in units; between two units it can be put away and taken up elsewhere."""

    @property
    def finished(self) -> bool:
        """Whether all units are done."""
        ...

    @property
    def progress(self) -> float:
        """Share of the work done, 0..1."""
        ...

    @property
    def detail(self) -> str:
        """What is being done, such as `mixed4c | octave 3/5`."""
        ...

    @property
    def trace(self) -> tuple[dict[str, float], ...]:
        """Objective or losses, one entry a step."""
        ...

    @property
    def survey(self) -> Mapping[str, SurveyedLayer]:
        """What the start picture told, by layer; nothing where it is not asked."""
        ...

    @property
    def kernels(self) -> Mapping[str, str]:
        """What decided the last digits: device, precision, kernels; nothing where no network looks."""
        ...

    def restore(self, checkpoint: bytes) -> None:
        """Take up the work where `checkpoint()` put it away; ValueError when the bytes are no checkpoint."""
        ...

    def advance(self) -> None:
        """Do one unit."""
        ...

    def checkpoint(self) -> bytes:
        """Everything needed to go on from here, in another process."""
        ...

    def preview(self) -> bytes | None:
        """The picture as it stands, as PNG."""
        ...

    def artifacts(self) -> Mapping[str, bytes]:
        """The finished files by name."""
        ...


class StageHandler(Protocol):
    """Opens the work of one kind of stage."""

    def open(self, context: StageContext) -> StageWork:
        """The work of this stage, before its first unit."""
        ...
