"""A seeded mix of faults: a timeline drawn from a seed, and what carries it out."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import redis

from tests.patience import wait_until
from tests.service import LEASE_SECONDS, Service, Worker
from tests.valkey import Valkey

FAULTS = 5
PAUSE_SECONDS = (0.5, 1.5)
WORKERS = 2
UNITS = 12
WORK = {"COUNTING_UNITS": str(UNITS), "COUNTING_UNIT_SECONDS": "0.25"}


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, so long after what went wrong before; `choice` picks the worker it strikes."""

    name: str
    pause_seconds: float
    choice: int


def drawn(seed: int) -> tuple[Fault, ...]:
    """The timeline of a seed; the same seed always has the same one."""
    draws = random.Random(seed)
    return tuple(
        Fault(draws.choice(tuple(FAULT_KINDS)), round(draws.uniform(*PAUSE_SECONDS), 2), draws.randrange(WORKERS))
        for _ in range(FAULTS)
    )


@dataclass
class Stricken:
    """A service under faults, with what befell it.

    Attributes:
        work: what its workers are told of the work, as environment variables.
        timeline: seconds since the first fault was due, and its name, as they really came.
    """

    service: Service
    valkey: Valkey
    work: Mapping[str, str] = field(default_factory=lambda: WORK)
    workers: list[Worker] = field(default_factory=list)
    timeline: list[tuple[float, str]] = field(default_factory=list)

    def start(self) -> None:
        """All workers, ready."""
        self.workers = self.service.start_workers(*(f"cpu{number}" for number in range(WORKERS)), **self.work)

    def suffer(self, faults: Sequence[Fault], job_id: str) -> None:
        """All of them, one after the other, while a job runs: behind its end they would prove nothing."""
        began = time.monotonic()
        for fault in faults:
            time.sleep(fault.pause_seconds)
            assert not self.service.store.get(job_id).status.final, f"the job ended before: {fault.name}"
            self.timeline.append((round(time.monotonic() - began, 2), fault.name))
            FAULT_KINDS[fault.name](self, fault.choice)

    def replaced(self, choice: int) -> None:
        """Another worker in the place of one that is gone."""
        self.workers[choice] = self.service.spawn_worker(f"cpu{choice}", **self.work)

    def logs(self) -> Iterator[tuple[str, str]]:
        """The timeline, a line a fault, for whoever must find out why a test failed."""
        yield "timeline", "\n".join(f"{seconds:6.2f} s  {name}" for seconds, name in self.timeline)


def _kill(stricken: Stricken, choice: int) -> None:
    stricken.workers[choice].kill()
    stricken.replaced(choice)


def _kill_child(stricken: Stricken, choice: int) -> None:
    worker = stricken.workers[choice]
    # One that is only just being started, or between two children, has none yet.
    wait_until(lambda: bool(worker.children), f"{worker.name} has a child")
    os.kill(worker.child, signal.SIGKILL)


def _drain(stricken: Stricken, choice: int) -> None:
    stricken.workers[choice].process.terminate()
    stricken.replaced(choice)


def _drop_connections(stricken: Stricken, _choice: int) -> None:
    stricken.valkey.drop_connections()


def _crash_redis(stricken: Stricken, _choice: int) -> None:
    stricken.valkey.kill()
    time.sleep(0.2)
    stricken.valkey.start()


def _wipe_broker(stricken: Stricken, _choice: int) -> None:
    with redis.Redis.from_url(stricken.service.settings.redis.broker) as broker:
        broker.flushdb()


def _freeze(stricken: Stricken, choice: int) -> None:
    worker = stricken.workers[choice]
    worker.kill_group(signal.SIGSTOP)
    time.sleep(1.5 * LEASE_SECONDS)
    worker.kill_group(signal.SIGCONT)


def _kill_reconciler(stricken: Stricken, _choice: int) -> None:
    stricken.service.others["reconciler"].kill()
    stricken.service.start_reconciler()


FAULT_KINDS: Mapping[str, Callable[[Stricken, int], None]] = {
    "worker killed": _kill,
    "child killed": _kill_child,
    "worker drained": _drain,
    "connections dropped": _drop_connections,
    "Redis crashed": _crash_redis,
    "broker wiped": _wipe_broker,
    "worker frozen": _freeze,
    "reconciler killed": _kill_reconciler,
}
