"""A long life in short: many small jobs, killed workers, short retention, and what all of it takes meanwhile."""

import os
import random
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import redis

from shared.artifacts.directory import DirectoryStore
from shared.broker import Broker, celery_app
from shared.dispatch import dispatch
from shared.images import image_key
from shared.jobs.status import JobStatus
from shared.settings import RetentionSettings
from tests.counting import counting_plan, counting_spec
from tests.faults.mix import FAULT_KINDS, Stricken

SECONDS_A_JOB = 3.0
LOOK_SECONDS = 0.1
SAMPLES = 100
KILLS = (("child killed", 0), ("child killed", 1), ("worker killed", 0))
"""The parent of the second worker lives on: it shows what a long life costs."""
QUICK = {"COUNTING_UNITS": "4", "COUNTING_UNIT_SECONDS": "0.05"}
LASTING = ("sequence", "fence", "equipment", "reconciler", "swept")
"""What stays in the job store whatever becomes of its jobs."""


@dataclass(frozen=True)
class Course:
    """How long, and so how much: a job every three seconds, about twelve kills."""

    seconds: float

    @property
    def jobs(self) -> int:
        """How many are handed in."""
        return round(self.seconds / SECONDS_A_JOB)

    @property
    def kill_seconds(self) -> tuple[float, float]:
        """How long the pause between two kills is, from .. to."""
        return min(10.0, self.seconds / 6), min(25.0, self.seconds / 4)

    @property
    def retention(self) -> RetentionSettings:
        """So short that most of the course is spent removing."""
        share = self.seconds / 30
        return RetentionSettings(
            every_seconds=min(2.0, share),
            leftovers_seconds=share,
            artifacts_seconds=share,
            records_seconds=2 * share,
            images_seconds=share,
        )


@dataclass(frozen=True)
class Sample:
    """What everything takes at one moment: keys, files, bytes of Redis, resident kilobytes of each process."""

    records: int
    keys: int
    broker_keys: int
    files: int
    redis_bytes: int
    resident: Mapping[str, int]


@dataclass
class Soak:
    """A service on its course.

    Attributes:
        ended: how the jobs ended, and how often each of their stages was committed.
        samples: what everything took, in order.
    """

    stricken: Stricken
    course: Course
    draws: random.Random
    ended: Counter[tuple[JobStatus, frozenset[int]]] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    kills: int = 0
    _open: set[str] = field(default_factory=set)

    def run(self) -> None:
        """The whole course, until the last job has ended."""
        service, broker = self.stricken.service, celery_app(self.stricken.service.settings)
        began = time.monotonic()
        due = {"job": began, "kill": began + self.course.kill_seconds[0], "sample": began}
        submitted = 0
        while submitted < self.course.jobs or self._open:
            now = time.monotonic()
            if submitted < self.course.jobs and now >= due["job"]:
                self._submit(submitted, broker)
                submitted += 1
                due["job"] += SECONDS_A_JOB
            if submitted < self.course.jobs and now >= due["kill"]:
                self._kill()
                due["kill"] = now + self.draws.uniform(*self.course.kill_seconds)
            if now >= due["sample"]:
                self.samples.append(self.sample())
                due["sample"] += self.course.seconds / SAMPLES
            self._harvest()
            time.sleep(LOOK_SECONDS)
        assert service.store.active() == ()

    def sample(self) -> Sample:
        """What everything takes now."""
        service = self.stricken.service
        assert httpx.get(f"{service.api}/v1/jobs").status_code == 200
        keys = [str(key) for key in service.store.redis.scan_iter(f"{service.store.prefix}:*")]
        lasting = {f"{service.store.prefix}:{name}" for name in LASTING}
        with redis.Redis.from_url(service.settings.redis.broker) as broker:
            broker_keys = int(str(broker.dbsize()))
        return Sample(
            records=int(str(service.store.redis.zcard(f"{service.store.prefix}:jobs"))),
            keys=len(set(keys) - lasting),
            broker_keys=broker_keys,
            files=sum(len(folders) + len(names) for _, folders, names in os.walk(self._artifacts.root)),
            redis_bytes=service.store.redis.info("memory")["used_memory"],
            resident={name: resident_kilobytes(process) for name, process in self._processes()},
        )

    def a_record(self, what: str, start: float, stop: float) -> float:
        """How much of something there was for each record, from one share of the course to another."""
        seen = self.samples[round(start * len(self.samples)) : round(stop * len(self.samples))]
        return sum(getattr(sample, what) for sample in seen) / max(1, sum(sample.records for sample in seen))

    def around(self, share: float) -> Sample:
        """The median of what was seen within a tenth of the course before a moment of it, 0..1."""
        stop = round(share * len(self.samples))
        seen = self.samples[max(0, stop - len(self.samples) // 10 - 1) : stop]
        numbers = {
            name: round(statistics.median(getattr(sample, name) for sample in seen))
            for name in ("records", "keys", "broker_keys", "files", "redis_bytes")
        }
        resident = {
            name: round(statistics.median(sample.resident[name] for sample in seen)) for name in seen[0].resident
        }
        return Sample(**numbers, resident=resident)

    def logs(self) -> Iterator[tuple[str, str]]:
        """Every tenth sample, for whoever must find out why a test failed."""
        yield "samples", "\n".join(map(str, self.samples[:: max(1, len(self.samples) // 10)]))

    @property
    def _artifacts(self) -> DirectoryStore:
        return DirectoryStore(self.stricken.service.folder / "artifacts")

    def _submit(self, number: int, broker: Broker) -> None:
        """Every second job wants what the one before it has made; and somebody uploads a picture for nothing."""
        service = self.stricken.service
        spec = counting_spec(4, seed=number // 2)
        job, _ = service.store.create(spec, counting_plan(spec), idempotency_key=f"job-{number}")
        dispatch(service.store, broker, job.id)
        self._artifacts.put(image_key(f"sha256:{secrets.token_hex(32)}"), b"a picture")
        self._open.add(job.id)

    def _kill(self) -> None:
        name, choice = self.draws.choice(KILLS)
        FAULT_KINDS[name](self.stricken, choice)
        self.kills += 1

    def _harvest(self) -> None:
        service = self.stricken.service
        for job_id in sorted(self._open):
            status = service.store.get(job_id).status
            if status.final:
                self.ended[status, frozenset(service.counted(job_id, "commits").values())] += 1
                self._open.remove(job_id)

    def _processes(self) -> Iterator[tuple[str, int]]:
        service = self.stricken.service
        yield from ((name, process.pid) for name, process in service.others.items())
        yield from ((worker.name, worker.process.pid) for worker in self.stricken.workers)


def resident_kilobytes(process_id: int) -> int:
    """How much memory a process holds."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)
