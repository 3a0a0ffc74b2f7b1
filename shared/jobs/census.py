"""What a sweep must know of jobs: which have ended, and which files unfinished stages still need."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from shared.jobs.connection import answering
from shared.jobs.status import JobStatus
from shared.jobs.store import JobStore

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class EndedJob:
    """A job of which nothing runs any more.

    Attributes:
        ended_at: as the store notes it, in milliseconds.
        ended_seconds: how long ago that was, by Redis' clock.
        has_pictures: whether it still refers to its results.
    """

    id: str
    ended_at: str
    ended_seconds: float
    has_pictures: bool = True


@dataclass(frozen=True)
class Needed:
    """The files of unfinished stages: those that they go on from, and all of whoever works on one now."""

    keys: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()

    def __contains__(self, key: str) -> bool:
        """Whether the file at a key is needed."""
        return key in self.keys or key.startswith(self.beginnings)


def ended_jobs(store: JobStore) -> tuple[EndedJob, ...]:
    """Every job of which nothing runs any more, first ended first."""
    now_ms = _now_ms(store)
    active = set(store.active())
    found = [job for status in JobStatus if status.final for job in _of_status(store, status, now_ms)]
    return tuple(sorted((job for job in found if job.id not in active), key=lambda job: -job.ended_seconds))


def needed_files(store: JobStore, folder: str, job_ids: Sequence[str]) -> Needed:
    """What these jobs need of a folder of checkpoints or previews, as `worker/checkpoints.py` names its files."""
    keys: set[str] = set()
    beginnings: list[str] = []
    for chunk in _chunks(job_ids):
        for job_id, (named, holders) in zip(chunk, store.transitions.run_each("needed", chunk), strict=True):
            keys.update(named)
            beginnings.extend(f"{folder}/{job_id}/{stage_id}/{token}-" for stage_id, token in holders)
    return Needed(frozenset(keys), tuple(beginnings))


def _of_status(store: JobStore, status: JobStatus, now_ms: int) -> Iterator[EndedJob]:
    with answering():
        job_ids = cast("list[str]", store.redis.zrevrangebyscore(f"{store.prefix}:jobs:{status.value}", "+inf", "-inf"))
    for chunk in _chunks(job_ids):
        with answering(), store.redis.pipeline(transaction=False) as pipeline:
            for job_id in chunk:
                pipeline.hmget(f"{store.prefix}:job:{job_id}", "finished_at", "pictures_gone_at")
            answers = pipeline.execute()
        for job_id, (ended_at, gone_at) in zip(chunk, answers, strict=True):
            # A job that was taken up again since has no end.
            if ended_at:
                yield EndedJob(job_id, ended_at, (now_ms - int(ended_at)) / 1000, has_pictures=not gone_at)


def _now_ms(store: JobStore) -> int:
    with answering():
        seconds, microseconds = cast("tuple[Any, Any]", store.redis.time())
    return int(seconds) * 1000 + int(microseconds) // 1000


def _chunks(items: Sequence[str]) -> Iterable[Sequence[str]]:
    """So many at once that Redis is never busy for long."""
    for start in range(0, len(items), MOST_AT_ONCE):
        yield items[start : start + MOST_AT_ONCE]
