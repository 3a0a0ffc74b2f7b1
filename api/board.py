"""What is known of a job that is watched, as one record that every event renews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self, cast

from api.answers import EventAnswer, FailureAnswer, JobAnswer, StageAnswer
from shared.jobs.status import JobStatus, StageStatus
from shared.plan.records import StageKind

PACE_SECONDS = 90.0
"""How far back the speed is measured: long enough to be calm, short enough to follow a change of worker."""
LEAST_PACE_SECONDS = 3.0


@dataclass(frozen=True)
class StageLine:
    """One stage as it is shown; `eta_at` is when it is expected to be done."""

    id: str
    kind: StageKind
    label: str
    status: StageStatus
    progress: float = 0.0
    detail: str = ""
    attempts: int = 0
    eta_at: datetime | None = None
    frames: int = 1

    def told(self, data: Mapping[str, Any], at: datetime) -> Self:
        """The stage after an event."""
        status = StageStatus(data.get("status", self.status))
        eta_seconds = data.get("eta_seconds")
        eta_at = None if eta_seconds is None else at + timedelta(seconds=float(eta_seconds))
        return replace(
            self,
            status=status,
            progress=1.0 if status.done else float(data.get("progress", self.progress)),
            detail=str(data.get("detail", "")),
            attempts=int(data.get("attempts", self.attempts)),
            eta_at=eta_at if status is StageStatus.RUNNING else None,
        )


@dataclass(frozen=True)
class Board:
    """A job as it is shown.

    Attributes:
        progress: share of the work done, 0..1.
        samples: (when, progress) of late, oldest first; the speed is read off them.
        eta_at: when the job is expected to be done, before there are samples enough.
    """

    job_id: str
    owner: str
    name: str
    status: JobStatus
    progress: float
    created_at: datetime
    stages: tuple[StageLine, ...]
    failure: FailureAnswer | None = None
    finished_at: datetime | None = None
    samples: tuple[tuple[datetime, float], ...] = ()

    @property
    def done(self) -> int:
        """How many stages are done."""
        return sum(stage.status.done for stage in self.stages)

    @property
    def eta_at(self) -> datetime | None:
        """When the job is expected to be done, at its speed of late; None before that can be told."""
        if self.status.final or len(self.samples) < 2:
            return None
        (since, before), (now, progress) = self.samples[0], self.samples[-1]
        seconds = (now - since).total_seconds()
        if seconds < LEAST_PACE_SECONDS or progress <= before:
            return None
        return now + timedelta(seconds=(1 - progress) * seconds / (progress - before))

    def told(self, event: EventAnswer) -> Self:
        """The board after an event."""
        data = cast("dict[str, Any]", event.data)
        progress = float(data.get("progress", self.progress))
        status = JobStatus(data.get("status", self.status))
        failure = data.get("failure")
        return replace(
            self,
            status=status,
            progress=progress,
            stages=_stages_told(self.stages, data.get("stage"), event.at),
            failure=FailureAnswer.model_validate(failure) if failure else self.failure,
            finished_at=event.at if status.final else None,
            samples=_sampled(self.samples, event, progress),
        )


def board_of(job: JobAnswer, stages: Sequence[StageAnswer]) -> Board:
    """The board at the beginning, before any event."""
    lines = tuple(
        StageLine(
            stage.id,
            stage.kind,
            stage.label,
            stage.status,
            stage.progress,
            stage.detail,
            stage.attempts,
            frames=stage.frames,
        )
        for stage in stages
    )
    return Board(
        job_id=job.id,
        owner=job.owner,
        name=job.name,
        status=job.status,
        progress=job.progress,
        created_at=job.created_at,
        stages=lines,
        failure=job.failure,
        finished_at=job.finished_at,
    )


def _stages_told(stages: tuple[StageLine, ...], data: Mapping[str, Any] | None, at: datetime) -> tuple[StageLine, ...]:
    if data is None:
        return stages
    return tuple(stage.told(data, at) if stage.id == data.get("id") else stage for stage in stages)


def _sampled(
    samples: tuple[tuple[datetime, float], ...], event: EventAnswer, progress: float
) -> tuple[tuple[datetime, float], ...]:
    """The samples with one more; speed is only read off time in which the job was worked on.

    A stage that was found done made a leap in no time, and a resumed job stood still: both begin anew.
    """
    if event.type in {"stage.reused", "job.queued", "job.paused", "job.running", "stage.lost"}:
        return ((event.at, progress),)
    recent = [(at, value) for at, value in samples if (event.at - at).total_seconds() <= PACE_SECONDS]
    return (*recent, (event.at, progress))
