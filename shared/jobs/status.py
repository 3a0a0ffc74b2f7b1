"""The statuses of jobs and stages, with the moves that are allowed between them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELING = "canceling"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether nothing will happen to the job by itself any more."""
        return self in {JobStatus.CANCELED, JobStatus.SUCCEEDED, JobStatus.FAILED}


class StageStatus(StrEnum):
    """Where a stage stands; `reused` is a success that was found, not made."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"
    REUSED = "reused"
    FAILED = "failed"

    @property
    def done(self) -> bool:
        """Whether the stage's result lies ready."""
        return self in {StageStatus.SUCCEEDED, StageStatus.REUSED}


JOB_MOVES: Mapping[JobStatus, frozenset[JobStatus]] = MappingProxyType(
    {
        JobStatus.QUEUED: frozenset(
            {JobStatus.RUNNING, JobStatus.PAUSED, JobStatus.CANCELED, JobStatus.FAILED, JobStatus.SUCCEEDED}
        ),
        JobStatus.RUNNING: frozenset(
            {JobStatus.PAUSED, JobStatus.CANCELING, JobStatus.CANCELED, JobStatus.SUCCEEDED, JobStatus.FAILED}
        ),
        # A stage that ends before it sees the pause may still be the last, or fail for good.
        JobStatus.PAUSED: frozenset(
            {
                JobStatus.QUEUED,
                JobStatus.RUNNING,
                JobStatus.CANCELING,
                JobStatus.CANCELED,
                JobStatus.SUCCEEDED,
                JobStatus.FAILED,
            }
        ),
        JobStatus.CANCELING: frozenset({JobStatus.CANCELED}),
        JobStatus.CANCELED: frozenset(),
        JobStatus.SUCCEEDED: frozenset(),
        # A stage that ran beside the failed one may still be at it.
        JobStatus.FAILED: frozenset({JobStatus.QUEUED, JobStatus.RUNNING}),
    }
)

STAGE_MOVES: Mapping[StageStatus, frozenset[StageStatus]] = MappingProxyType(
    {
        # Straight to failed goes a stage that finds fewer attempts allowed than it has had.
        StageStatus.QUEUED: frozenset({StageStatus.RUNNING, StageStatus.CANCELED, StageStatus.FAILED}),
        StageStatus.RUNNING: frozenset(
            {
                StageStatus.QUEUED,
                StageStatus.PAUSED,
                StageStatus.CANCELED,
                StageStatus.SUCCEEDED,
                StageStatus.REUSED,
                StageStatus.FAILED,
            }
        ),
        StageStatus.PAUSED: frozenset({StageStatus.QUEUED, StageStatus.CANCELED}),
        # A failed job is retried.
        StageStatus.CANCELED: frozenset({StageStatus.QUEUED}),
        StageStatus.FAILED: frozenset({StageStatus.QUEUED}),
        # What was made is gone and has to be made again.
        StageStatus.SUCCEEDED: frozenset({StageStatus.QUEUED}),
        StageStatus.REUSED: frozenset({StageStatus.QUEUED}),
    }
)
