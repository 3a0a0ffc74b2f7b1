"""Rings for every stage that could start now."""

from collections.abc import Iterable

from shared.broker import Broker, send
from shared.jobs.store import JobStore
from shared.plan.records import StageKind


def dispatch(store: JobStore, broker: Broker, job_id: str, stage_ids: Iterable[str] | None = None) -> tuple[str, ...]:
    """Send one message a stage and record nothing: a record of it could only go stale.

    Args:
        store: knows which stages could start.
        broker: takes the messages.
        job_id: whose stages.
        stage_ids: those that became runnable just now; by default all that could start.

    Returns:
        The stages that were rung for.

    Raises:
        StoreUnavailableError: the broker does not answer; the reconciler sends what is missing.
    """
    wanted = tuple(stage_ids) if stage_ids is not None else store.runnable(job_id)
    for stage_id in wanted:
        send(broker, kind_of(stage_id), job_id, stage_id)
    return wanted


def kind_of(stage_id: str) -> StageKind:
    """The kind that a stage's id begins with, such as `dream-03`."""
    return StageKind(stage_id.partition("-")[0])
