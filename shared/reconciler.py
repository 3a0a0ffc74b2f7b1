"""Looks for stages that nobody works on, and puts them back on their way."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

import math
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import redis
import structlog

from shared.broker import (
    Broker,
    Message,
    StageRef,
    celery_app,
    connect_broker,
    move,
    tell_flower_failed,
    waiting_messages,
)
from shared.dispatch import dispatch, priority_of
from shared.errors import NotFoundError, StoreUnavailableError
from shared.jobs.connection import answering
from shared.jobs.records import Failure
from shared.jobs.store import JobStore, open_store
from shared.leases import Leases, Orphan, lost_worker
from shared.settings import Settings

log = structlog.get_logger(__name__)

HOLD_LOOKS = 3
"""An elected process that misses this many looks is followed by another."""
MOST_JOBS_AT_ONCE = 100


@dataclass(frozen=True)
class Look:
    """What is seen at one moment.

    Attributes:
        runnable: stages that could start, each with the priority that is due to its message.
        orphans: running stages whose lease died.
        waiting: messages that lie in the queue.
        settling: leases may have run out of which living holders could not know yet.
    """

    runnable: Mapping[StageRef, int] = field(default_factory=dict[StageRef, int])
    orphans: tuple[Orphan, ...] = ()
    waiting: tuple[Message, ...] = ()
    settling: bool = False


@dataclass(frozen=True)
class Decisions:
    """What to do about it.

    Attributes:
        expire: stages to take from their dead holders.
        send: stages to ring for again.
        move: messages to which another priority is due by now, with that priority.
        missing: stages without a message now; when the next look finds them again, they are rung for.
    """

    expire: tuple[Orphan, ...] = ()
    send: tuple[StageRef, ...] = ()
    move: tuple[tuple[Message, int], ...] = ()
    missing: frozenset[StageRef] = frozenset()


def decide(look: Look, missing_before: frozenset[StageRef]) -> Decisions:
    """Between taking a message and its lease a worker shows neither: only what is missing twice is rung for."""
    missing = frozenset(look.runnable) - {message.stage for message in look.waiting}
    overdue = missing & missing_before
    expire = () if look.settling else look.orphans
    due = ((message, look.runnable.get(message.stage, message.priority)) for message in look.waiting)
    moved = tuple((message, priority) for message, priority in due if priority != message.priority)
    return Decisions(expire=expire, send=tuple(sorted(overdue)), move=moved, missing=missing - overdue)


class Settling:
    """Redis has come up, or its clock was moved, so lately that living holders may not have renewed their leases yet.

    A living holder renews every quarter of a lease, so half a lease later all have.
    """

    def __init__(self, lease_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._half_seconds = lease_seconds / 2
        self._clock = clock
        self._ahead: float | None = None
        self._until = -math.inf

    def seen(self, redis_seconds: float, uptime_seconds: float) -> bool:
        """Whether it is so, by the time that Redis tells and the age that it gives itself, which may be negative."""
        now = self._clock()
        ahead = redis_seconds - now
        # A smaller jump leaves every lease that was renewed in time some of its life.
        if self._ahead is not None and abs(ahead - self._ahead) > self._half_seconds:
            self._until = now + self._half_seconds + 1
        self._ahead = ahead
        return now < self._until or 0 <= uptime_seconds < self._half_seconds + 1


@dataclass
class Reconciler:
    """One of any number of processes; the elected one acts."""

    store: JobStore
    leases: Leases
    broker: Broker
    queue: redis.Redis
    every_seconds: float
    settling: Settling
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    missing: frozenset[StageRef] = frozenset()

    def step(self) -> bool:
        """Look and act once; False where another process is elected."""
        if not self._elected(HOLD_LOOKS * self.every_seconds):
            self.missing = frozenset()
            return False
        decisions = decide(self.look(), self.missing)
        self.missing = decisions.missing
        for orphan in decisions.expire:
            self._expire(orphan)
        for stage in decisions.send:
            self._ring(stage)
        for message, priority in decisions.move:
            move(self.queue, message, priority)
        return True

    def resign(self) -> None:
        """Let another process be elected at once."""
        self._elected(0.001)

    def look(self) -> Look:
        """All that a decision needs."""
        # The queue is read first: a message that is taken between the two readings is then not missed.
        waiting = waiting_messages(self.queue)
        runnable: dict[StageRef, int] = {}
        orphans: list[Orphan] = []
        for chunk in _chunks(self.store.active()):
            for job_id, answer in zip(chunk, self.store.transitions.run_each("look", chunk), strict=True):
                _, could_start, holderless = answer
                runnable.update({(job_id, stage_id): priority_of(rank) for stage_id, rank in could_start})
                orphans.extend(_orphan(job_id, *fields) for fields in holderless)
        return Look(runnable, tuple(orphans), waiting, self._settling())

    def _elected(self, hold_seconds: float) -> bool:
        return self.store.transitions.run("elect", self.token, max(1, round(hold_seconds * 1000))) == 1

    def _settling(self) -> bool:
        with answering():
            seconds, microseconds = self.store.redis.time()
            uptime_seconds = self.store.redis.info("server")["uptime_in_seconds"]
        return self.settling.seen(seconds + microseconds / 1e6, uptime_seconds)

    def _expire(self, orphan: Orphan) -> None:
        outcome = self.leases.expire(orphan)
        if outcome == "held":
            return
        log.warning("stage lost", job=orphan.job_id, stage=orphan.stage_id, worker=orphan.worker, stage_becomes=outcome)
        # Before it is rung for: the next attempt begins with a clean record.
        failure = self._recorded(orphan)
        if outcome == "queued":
            self._ring((orphan.job_id, orphan.stage_id))
        tell_flower_failed(
            self.broker, orphan.worker, orphan.task_id, failure or lost_worker(orphan, self.leases.settings.attempts)
        )

    def _recorded(self, orphan: Orphan) -> Failure | None:
        """What the job store knows of the failure; a job that has ended by it may be removed by now."""
        try:
            return self.store.stage(orphan.job_id, orphan.stage_id).failure
        except NotFoundError:
            return None

    def _ring(self, stage: StageRef) -> None:
        job_id, stage_id = stage
        if dispatch(self.store, self.broker, job_id, [stage_id]):
            log.info("rang again", job=job_id, stage=stage_id)


def open_reconciler(settings: Settings) -> Reconciler:
    """The reconciler of the store and the broker that the settings name."""
    store = open_store(settings)
    return Reconciler(
        store=store,
        leases=Leases(store.redis, store.prefix, settings.lease),
        broker=celery_app(settings),
        queue=connect_broker(settings),
        every_seconds=settings.reconciler.every_seconds,
        settling=Settling(settings.lease.seconds),
    )


def run(settings: Settings, stop: threading.Event) -> None:
    """Look every few seconds until `stop` is set; while Redis is away, wait for it."""
    reconciler = open_reconciler(settings)
    while not stop.is_set():
        _step(reconciler)
        stop.wait(settings.reconciler.every_seconds)
    try:
        reconciler.resign()
    except StoreUnavailableError as error:
        log.warning("left without resigning", reason=str(error))


def _step(reconciler: Reconciler) -> None:
    try:
        reconciler.step()
    except StoreUnavailableError as error:
        log.warning("waiting for Redis", reason=str(error))


def _orphan(job_id: str, stage_id: str, token: str, worker: str, task_id: str, attempts: str) -> Orphan:
    return Orphan(job_id, stage_id, token, worker, task_id, int(attempts))


def _chunks(job_ids: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """So many jobs at once that Redis is never busy for long."""
    for start in range(0, len(job_ids), MOST_JOBS_AT_ONCE):
        yield job_ids[start : start + MOST_JOBS_AT_ONCE]
