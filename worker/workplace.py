"""What a worker has at hand while it works."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.artifacts.store import ArtifactStore
from shared.equipment import Equipment
from shared.jobs.store import JobStore
from shared.leases import Leases
from shared.plan.records import StageKind
from shared.settings import Settings
from worker.work import StageHandler


class Flag(Protocol):
    """Something that was asked for, or not yet."""

    def is_set(self) -> bool:
        """Whether it was asked for."""
        ...


@dataclass(frozen=True)
class Workplace:
    """Everything that running a stage takes.

    Attributes:
        worker: this worker's name, as Flower shows it.
        equipment: tells what this worker has now.
        dispatch: rings for stages of a job, given their ids.
        draining: set when stages must be put away.
        report: told, at most once a second, how a stage stands, in words.
        abandon: ends this process, for a stage that stands still cannot be stopped in any other way.
    """

    store: JobStore
    leases: Leases
    artifacts: ArtifactStore
    handlers: Mapping[StageKind, StageHandler]
    worker: str
    settings: Settings
    equipment: Callable[[], Equipment]
    dispatch: Callable[[str, Sequence[str]], object]
    draining: Flag
    report: Callable[[str], None]
    abandon: Callable[[], None]
