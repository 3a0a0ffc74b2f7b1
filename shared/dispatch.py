"""Rings for every stage that could start now, so that owners take turns."""

from collections.abc import Iterable

from shared.broker import PRIORITIES, Broker, send
from shared.jobs.store import JobStore
from shared.plan.records import StageKind


def dispatch(store: JobStore, broker: Broker, job_id: str, stage_ids: Iterable[str] | None = None) -> tuple[str, ...]:
    """Send one message a stage and record nothing: a record of it could only go stale.

    What could not start any more is not rung for.

    Args:
        store: knows which stages could start.
        broker: takes the messages.
        job_id: whose stages.
        stage_ids: those that became runnable just now; by default all that could start.

    Returns:
        The stages that were rung for.

    Raises:
        StoreUnavailableError: store or broker does not answer; the reconciler sends what is missing.
    """
    ranks = store.ranks(job_id)
    wanted = tuple(ranks if stage_ids is None else filter(ranks.__contains__, stage_ids))
    for stage_id in wanted:
        send(broker, kind_of(stage_id), job_id, stage_id, priority_of(ranks[stage_id]))
    return wanted


def priority_of(rank: int) -> int:
    """The priority of a stage before which `rank` others of its owner go: 0, 1, 2, 2, 3, 3, 3, 3, 4, ..., 9.

    Everybody's first stage goes before anybody's second, and that before anybody's third: owners take turns. Ten
    priorities are all there are, so each holds twice as many ranks as the one before.
    """
    return min(rank.bit_length(), PRIORITIES[-1])


def kind_of(stage_id: str) -> StageKind:
    """The kind that a stage's id begins with, such as `dream-03`."""
    return StageKind(stage_id.partition("-")[0])
