"""Leases: one worker at a time holds a stage, and only while it gives signs of life."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import redis
from pydantic import TypeAdapter

from shared.errors import LeaseLostError
from shared.jobs.fields import failure_text
from shared.jobs.records import ArtifactRef, Failure
from shared.jobs.transitions import Transitions
from shared.settings import LeaseSettings

ARTIFACTS = TypeAdapter(tuple[ArtifactRef, ...])


class Refusal(StrEnum):
    """Why a stage is not given out."""

    NOT_FOUND = "not_found"
    DONE = "done"
    LEASED = "leased"
    DEAD = "dead"
    NOT_RUNNABLE = "not_runnable"
    JOB_OVER = "job_over"
    PAUSED = "paused"


class Signal(StrEnum):
    """What the holder of a stage must do after a unit."""

    CONTINUE = "continue"
    CANCEL = "cancel"
    PAUSE = "pause"
    LOST = "lost"


@dataclass(frozen=True)
class Lease:
    """The right to work on a stage.

    Attributes:
        token: rises with every lease given out; the store takes nothing from a lease that another has followed.
        attempt: counts from 1.
        checkpoint: key of the latest checkpoint in the artifact store.
        preview: key of the latest intermediate picture there.
        seconds: time that earlier attempts worked on the stage.
    """

    job_id: str
    stage_id: str
    token: int
    attempt: int
    checkpoint: str | None = None
    preview: str | None = None
    seconds: float = 0.0

    def lost(self) -> LeaseLostError:
        """What whoever goes on under it is told once another has followed it."""
        return LeaseLostError(f"{self.job_id} {self.stage_id}: lease {self.token} was followed by another")


@dataclass(frozen=True)
class Orphan:
    """A running stage whose lease died."""

    job_id: str
    stage_id: str
    token: str
    worker: str
    task_id: str
    attempt: int


@dataclass(frozen=True)
class UnitReport:
    """Where a stage stands after a unit.

    Attributes:
        progress: share of the stage's work done, 0..1.
        detail: what is being done.
        checkpoint: key of the checkpoint behind this unit, None when there is no new one.
        preview: key of the picture as it stands, None when there is no new one.
        seconds: time worked on the stage, all attempts.
        eta_seconds: time left, None while unknown.
    """

    progress: float
    detail: str = ""
    checkpoint: str | None = None
    preview: str | None = None
    seconds: float = 0.0
    eta_seconds: float | None = None


class Leases:
    """Gives stages out and takes their results; every answer comes from one atomic script.

    Every method may raise StoreUnavailableError; asking again is always safe.
    """

    def __init__(self, client: redis.Redis, prefix: str, settings: LeaseSettings) -> None:
        self._transitions = Transitions(client, prefix)
        self.settings = settings

    @property
    def _lease_ms(self) -> int:
        return max(1, round(self.settings.seconds * 1000))

    def acquire(self, job_id: str, stage_id: str, worker: str, task_id: str) -> Lease | Refusal:
        """Start an attempt at a stage, or say why not.

        A stage that has used up its attempts is buried here: it fails, and its job with it.
        """
        # The task's id alone would not do: a message delivered twice bears the same one.
        nonce = f"{task_id}-{secrets.token_hex(8)}"
        return self.acquire_as(nonce, job_id, stage_id, worker, task_id)

    def acquire_as(self, nonce: str, job_id: str, stage_id: str, worker: str, task_id: str) -> Lease | Refusal:
        """The same, to be asked again with the same `nonce` when the answer got lost."""
        gave_up = Failure(
            code="attempts_exhausted", message=f"gave up after {self.settings.attempts} attempts", stage=stage_id
        )
        answer = self._transitions.run(
            "acquire",
            job_id,
            stage_id,
            worker,
            task_id,
            nonce,
            self._lease_ms,
            self.settings.attempts,
            failure_text(gave_up),
        )
        if answer[0] != "granted":
            return Refusal(answer[0])
        _, token, attempt, checkpoint, preview, seconds = answer
        return Lease(
            job_id, stage_id, int(token), int(attempt), checkpoint or None, preview or None, float(seconds or 0)
        )

    def renew(self, lease: Lease, log_tail: str | None = None) -> bool:
        """Prolong a lease, and leave there what its holder has logged of late; False when another has followed it."""
        return self._run("renew", lease, self._lease_ms, log_tail or "") == 1

    def record_unit(self, lease: Lease, report: UnitReport) -> Signal:
        """Note a finished unit, prolong the lease and learn what to do next; one round trip."""
        answer = self._run(
            "record_unit",
            lease,
            self._lease_ms,
            max(0.0, min(1.0, report.progress)),
            report.detail,
            round(report.seconds, 3),
            "" if report.eta_seconds is None else round(report.eta_seconds, 1),
            report.checkpoint or "",
            report.preview or "",
        )
        return Signal(answer)

    def commit(
        self, lease: Lease, artifacts: Sequence[ArtifactRef], seconds: float, *, reused: bool = False
    ) -> tuple[str, ...]:
        """Make a stage's result final; the last one ends the job.

        Returns:
            The stages that became runnable by it.

        Raises:
            LeaseLostError: another lease has followed; nothing was committed.
        """
        listed = ARTIFACTS.dump_json(tuple(artifacts)).decode()
        status = "reused" if reused else "succeeded"
        outcome, *runnable = self._run("commit", lease, listed, round(seconds, 3), status)
        if outcome == "lost":
            raise lease.lost()
        return tuple(runnable)

    def fail(self, lease: Lease, failure: Failure, *, retry: bool) -> Literal["queued", "failed", "lost"]:
        """End an attempt that went wrong; with `retry` the stage is tried again while it has attempts left."""
        pause_seconds = self.settings.pause_seconds * 2 ** (lease.attempt - 1)
        last = retry and lease.attempt >= self.settings.attempts
        final = given_up(failure, lease.attempt) if last else failure
        return self._run(
            "fail",
            lease,
            failure_text(final),
            int(retry),
            self.settings.attempts,
            round(pause_seconds * 1000),
            failure.traceback or "",
            failure.log_tail or "",
        )

    def reopen(self, lease: Lease, failure: Failure, gone: Sequence[str]) -> tuple[str, ...]:
        """End an attempt that missed the files of finished stages: those are made again, then this one is tried again.

        Returns:
            The stages that could start now; none when the attempt was the last, when what is gone was made again too
            often, or when the lease was lost.
        """
        last = lease.attempt >= self.settings.attempts
        final = given_up(failure, lease.attempt) if last else failure
        outcome = self._run(
            "reopen",
            lease,
            failure_text(final),
            self.settings.attempts,
            json.dumps(list(gone)),
            failure_text(gone_too_often(failure, gone, self.settings.attempts)),
            failure.traceback or "",
            failure.log_tail or "",
        )
        return tuple(outcome[1:])

    def release(self, lease: Lease) -> Literal["queued", "paused", "canceled", "lost"]:
        """Give a stage back unharmed: the attempt does not count.

        Returns:
            What the stage becomes: its job may have been paused, resumed, canceled or retried since the holder looked.
        """
        return self._run("release", lease)

    def expire(self, orphan: Orphan) -> Literal["queued", "failed", "held"]:
        """Take a stage from a holder whose lease died; `held` when somebody gave a sign of life after all."""
        return self._transitions.run(
            "expire",
            orphan.job_id,
            orphan.stage_id,
            orphan.token,
            self.settings.attempts,
            failure_text(lost_worker(orphan, self.settings.attempts)),
        )

    def _run(self, transition: str, lease: Lease, *arguments: str | float) -> Any:
        return self._transitions.run(transition, lease.job_id, lease.stage_id, lease.token, *arguments)


def given_up(failure: Failure, attempts: int) -> Failure:
    """The failure of a stage that has used up its attempts."""
    message = f"gave up after {attempts} {'attempt' if attempts == 1 else 'attempts'}; the last: {failure.message}"
    return failure.model_copy(update={"message": message})


def gone_too_often(failure: Failure, gone: Sequence[str], times: int) -> Failure:
    """The failure of a stage whose inputs vanish however often they are made again."""
    message = f"gave up: {', '.join(gone)} made again {times} times and gone each time; the last: {failure.message}"
    return failure.model_copy(update={"message": message})


def lost_worker(orphan: Orphan, attempts_allowed: int) -> Failure:
    """The failure of a stage whose worker died or stood still."""
    message = f"worker {orphan.worker} stopped answering during attempt {orphan.attempt}"
    failure = Failure(
        code="worker_lost", message=message, stage=orphan.stage_id, worker=orphan.worker, attempt=orphan.attempt
    )
    return given_up(failure, orphan.attempt) if orphan.attempt >= attempts_allowed else failure
