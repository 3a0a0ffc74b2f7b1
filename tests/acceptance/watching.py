"""Watches a job from outside, as its owner would: over HTTP, in Flower, and by what it leaves."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx

from api.answers import EventAnswer, JobAnswer, StageAnswer
from api.client import Client
from shared.jobs.status import StageStatus
from tests.acceptance.machine import Machine
from tests.patience import wait_until

JOB_SECONDS = 180.0
LOOK_SECONDS = 0.2

Shown = tuple[str, str]
"""State and result of a task, as Flower's API tells them."""


@dataclass(frozen=True)
class Ended:
    """A job that has ended, with all that was seen of it.

    Attributes:
        files: every artifact by its public name.
        shown: what Flower told of tasks while the job ran.
    """

    job: JobAnswer
    stages: Sequence[StageAnswer]
    files: Mapping[str, bytes]
    events: Sequence[EventAnswer] = ()
    shown: Sequence[Shown] = ()

    @property
    def statuses(self) -> dict[str, StageStatus]:
        """How each stage ended."""
        return {stage.id: stage.status for stage in self.stages}

    @property
    def attempts(self) -> dict[str, int]:
        """How often each stage was begun."""
        return {stage.id: stage.attempts for stage in self.stages}

    @property
    def pictures(self) -> dict[str, bytes]:
        """What people look at, and what must come out the same every time."""
        return {name: data for name, data in self.files.items() if name.endswith((".png", ".gif"))}

    @property
    def took_seconds(self) -> float:
        """From its submission to its end."""
        assert self.job.finished_at
        return (self.job.finished_at - self.job.created_at).total_seconds()


def ended(client: Client, job_id: str) -> Ended:
    """A job, once it has ended, with every file that it has made."""
    wait_until(lambda: client.job(job_id).status.final, f"{job_id} has ended", JOB_SECONDS)
    files = {
        item.name: httpx.get(client.url + item.url, timeout=30, trust_env=False).raise_for_status().content
        for item in client.artifacts(job_id).artifacts
    }
    return Ended(client.job(job_id), client.stages(job_id).stages, files)


def stage_of(client: Client, job_id: str, stage_id: str) -> StageAnswer:
    """One stage as it stands."""
    return next(stage for stage in client.stages(job_id).stages if stage.id == stage_id)


@contextmanager
def watched_in_flower(machine: Machine) -> Iterator[list[Shown]]:
    """A list that fills with what Flower's API tells of every task."""
    shown: list[Shown] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(LOOK_SECONDS):
            with suppress(httpx.TimeoutException):
                tasks = httpx.get(f"{machine.flower}/api/tasks", timeout=5, trust_env=False).json().values()
                shown.extend((str(task["state"]), str(task["result"])) for task in tasks)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield shown
    finally:
        stop.set()
        thread.join()
