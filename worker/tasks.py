"""Celery's tasks: one a kind of stage, so that Flower can tell them apart."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis
from celery import Task
from celery.exceptions import WorkerLostError
from celery.worker.request import Request
from kombu.exceptions import OperationalError

from shared.broker import TASKS
from shared.plan.records import StageKind
from worker.app import app, station


class StageRequest(Request):
    """Tells Flower of no child that died: the reconciler does, and knows more; of two words Flower shows the later."""

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> Any:
        """What Celery does when a task has failed."""
        lost = issubclass(exc_info.type, WorkerLostError)
        return super().on_failure(exc_info, send_failed_event and not lost, return_ok)


class StageTask(Task):
    """A task with such requests."""

    Request = StageRequest


@app.task(name=TASKS[StageKind.DREAM], bind=True, base=StageTask)
def dream(self: Task, job_id: str, stage_id: str) -> None:
    """Dream one layer; harmless when delivered twice."""
    station.run(job_id, stage_id, self.request.id, _teller(self))


@app.task(name=TASKS[StageKind.STYLE], bind=True, base=StageTask)
def style(self: Task, job_id: str, stage_id: str) -> None:
    """Paint one frame; harmless when delivered twice."""
    station.run(job_id, stage_id, self.request.id, _teller(self))


@app.task(name=TASKS[StageKind.ANIMATE], bind=True, base=StageTask)
def animate(self: Task, job_id: str, stage_id: str) -> None:
    """Join all frames; harmless when delivered twice."""
    station.run(job_id, stage_id, self.request.id, _teller(self))


def _teller(task: Task) -> Callable[[str], None]:
    """Says in Flower how the task stands; a custom event, since Flower does not see `update_state`."""

    def tell(text: str) -> None:
        # Whatever comes of it: a word to Flower is not worth an attempt.
        with suppress(OperationalError, redis.RedisError):
            task.send_event("task-progress", retry=False, result=text)

    return tell
