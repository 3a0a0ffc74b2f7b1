"""Runs one stage by the stage protocol: acquire, work, keep, commit, dispatch."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import structlog

from shared.errors import (
    ArtifactCorruptError,
    ArtifactStoreError,
    LeaseLostError,
    NotFoundError,
    StoreUnavailableError,
)
from shared.jobs.records import ArtifactRef, Failure
from shared.leases import Lease, Refusal
from shared.plan.records import Plan
from shared.redaction import secrets_of
from worker.attempt import Attempt, Ending, drawers_of
from worker.heartbeat import Heartbeat, Limits
from worker.log_tail import LogTail, log_tail
from worker.patience import insist
from worker.patient_artifacts import PatientArtifacts
from worker.results import find_result, stages_gone
from worker.verdict import verdict
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

T = TypeVar("T")


class StageRunner:
    """Runs stages, one at a time; running one twice, late or for nothing does no harm."""

    def __init__(self, place: Workplace) -> None:
        patience_seconds = place.settings.artifacts.patience_seconds
        self._secrets = secrets_of(place.settings)
        self._place = replace(
            place, artifacts=PatientArtifacts(place.artifacts, place.draining.is_set, patience_seconds)
        )

    def run(self, job_id: str, stage_id: str, task_id: str) -> None:
        """Work on a stage, if it wants working on, until it is done or must be put away.

        Raises:
            Exception: whatever the stage raised, once it is recorded; a note tells what was recorded.
        """
        nonce = f"{task_id}-{secrets.token_hex(8)}"
        with structlog.contextvars.bound_contextvars(job=job_id, stage=stage_id):
            if self._is_for_others(job_id, stage_id):
                # Nothing is recorded: the reconciler will miss the message and ring again, until one of them takes it.
                log.info("left for a worker that has what it needs")
                return
            lease = self._insist(
                lambda: self._place.leases.acquire_as(nonce, job_id, stage_id, self._place.worker, task_id)
            )
            if isinstance(lease, Refusal):
                log.info("nothing to do", reason=lease.value)
                return
            self._under(lease)

    def _is_for_others(self, job_id: str, stage_id: str) -> bool:
        """Whether only other workers have what a stage needs; what nobody has is left to fail here, and to say why."""
        try:
            needed = self._insist(lambda: self._place.store.planned(job_id, stage_id)).equipment
        except NotFoundError:
            return False
        if self._place.equipment().covers(needed):
            return False
        known = self._insist(self._place.store.equipment)
        return known is not None and known.covers(needed)

    def _under(self, lease: Lease) -> None:
        try:
            with log_tail(self._secrets) as tail, self._heartbeat(lease, tail) as heartbeat:
                log.info("stage begins", attempt=lease.attempt, token=lease.token)
                self._attempt(lease, heartbeat, tail)
        except LeaseLostError as error:
            log.warning("stage was taken over", reason=str(error))

    def _attempt(self, lease: Lease, heartbeat: Heartbeat, tail: LogTail) -> None:
        try:
            self._work(lease, heartbeat)
        except Exception as error:
            if isinstance(error, ArtifactStoreError) and self._place.draining.is_set():
                # A worker that must leave cannot wait for the store; that is no failure of the stage.
                log.warning("no time to wait for the artifact store", reason=str(error))
                self._give_back(lease)
                return
            # Still under the heartbeat: to find out what is gone may mean to wait for the artifact store.
            self._record(lease, error, tail)
            raise

    def _work(self, lease: Lease, heartbeat: Heartbeat) -> None:
        plan = self._insist(lambda: self._place.store.get(lease.job_id)).plan
        found = find_result(self._place.artifacts, plan.stage(lease.stage_id))
        if found is not None:
            self._commit(lease, found.artifacts, found.seconds, reused=True)
            drawers_of(self._place.artifacts, lease).empty()
            return
        self._make(lease, plan, heartbeat)

    def _make(self, lease: Lease, plan: Plan, heartbeat: Heartbeat) -> None:
        attempt = Attempt(self._place, lease, plan, heartbeat)
        ending = attempt.carry_out()
        if ending is Ending.LOST:
            raise lease.lost()
        if ending is Ending.FINISHED:
            self._commit(lease, attempt.keep(), attempt.seconds, reused=False)
            attempt.clean()
        else:
            self._put_away(lease, attempt, ending)

    def _commit(self, lease: Lease, artifacts: Sequence[ArtifactRef], seconds: float, *, reused: bool) -> None:
        runnable = self._insist(lambda: self._place.leases.commit(lease, artifacts, seconds, reused=reused))
        log.info("stage done", reused=reused, seconds=round(seconds, 3), runnable=list(runnable))
        self._dispatch(lease.job_id, runnable)

    def _put_away(self, lease: Lease, attempt: Attempt, ending: Ending) -> None:
        log.info("stage put away", why=ending.name.lower())
        if self._give_back(lease) == "canceled":
            attempt.clean()

    def _give_back(self, lease: Lease) -> str:
        """What the stage becomes: its job may have been resumed or retried since it was told to stop."""
        becomes = self._insist(lambda: self._place.leases.release(lease))
        if becomes == "queued":
            self._dispatch(lease.job_id, [lease.stage_id])
        return becomes

    def _dispatch(self, job_id: str, stage_ids: Sequence[str]) -> None:
        try:
            self._place.dispatch(job_id, stage_ids)
        except StoreUnavailableError as error:
            log.warning("could not ring; the reconciler will", stages=list(stage_ids), reason=str(error))

    def _record(self, lease: Lease, error: Exception, tail: LogTail) -> None:
        """Note why the attempt failed, if there is anyone to tell."""
        found = verdict(error, lease, self._place.worker, self._secrets)
        if found.failure is None:
            return
        failure = found.failure.model_copy(update={"log_tail": tail.text})
        error.add_note(failure.account)
        gone = self._gone(lease) if isinstance(error, NotFoundError | ArtifactCorruptError) else ()
        if gone:
            self._reopen(lease, failure, gone)
            return
        outcome = self._insist(lambda: self._place.leases.fail(lease, failure, retry=found.retry))
        log.error("stage failed", code=failure.code, reason=failure.message, attempt=lease.attempt, becomes=outcome)

    def _gone(self, lease: Lease) -> Sequence[str]:
        plan = self._insist(lambda: self._place.store.get(lease.job_id)).plan
        return stages_gone(self._place.artifacts, plan, plan.stage(lease.stage_id))

    def _reopen(self, lease: Lease, failure: Failure, gone: Sequence[str]) -> None:
        """Have what is no longer there made again, by whoever is free."""
        log.error("inputs are gone and will be made again", stages=gone, reason=failure.message, attempt=lease.attempt)
        self._dispatch(lease.job_id, self._insist(lambda: self._place.leases.reopen(lease, failure, gone)))

    def _heartbeat(self, lease: Lease, tail: LogTail) -> Heartbeat:
        limits = Limits(self._place.settings.lease.seconds, self._place.settings.lease.stall_seconds)
        return Heartbeat(self._place.leases, lease, limits, self._place.abandon, tail)

    def _insist(self, ask: Callable[[], T]) -> T:
        return insist(ask, self._place.draining.is_set, self._place.settings.lease.stall_seconds)
