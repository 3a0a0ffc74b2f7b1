"""Estimates the time that a job still takes, from the time that its stages took."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.jobs.records import StageRecord
from shared.jobs.status import StageStatus
from shared.plan.records import Plan, StageKind


@dataclass(frozen=True)
class _Share:
    """What is known of one stage: work in megapixel-steps, done and left, and the seconds that the done part took."""

    kind: StageKind
    done: float
    left: float
    seconds: float


def seconds_left(plan: Plan, stages: Sequence[StageRecord]) -> float | None:
    """Time left if the workers that are at it go on as they did; None before the first figures.

    Kinds differ in speed: each is taken at its own, one that has not run yet at that of all.
    """
    shares = [_share(stage, plan.stage(stage.id).work) for stage in stages]
    overall = _pace(shares)
    if overall is None:
        return None
    left = 0.0
    for kind in StageKind:
        same = [share for share in shares if share.kind is kind]
        left += sum(share.left for share in same) * (_pace(same) or overall)
    running = sum(stage.status is StageStatus.RUNNING for stage in stages)
    return round(left / max(1, running), 1)


def _share(stage: StageRecord, work: float) -> _Share:
    progress = 1.0 if stage.status.done else stage.progress
    # A reused stage took no time and says nothing about the speed.
    told = stage.seconds if stage.status is not StageStatus.REUSED else None
    return _Share(stage.kind, work * progress, work * (1 - progress), told or 0.0)


def _pace(shares: Iterable[_Share]) -> float | None:
    """Seconds for one megapixel-step."""
    timed = [share for share in shares if share.seconds > 0 and share.done > 0]
    if not timed:
        return None
    return sum(share.seconds for share in timed) / sum(share.done for share in timed)
