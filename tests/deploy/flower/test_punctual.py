"""The time of an event is that at which it comes, whatever the clock of its worker says."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery.events.state import State

from deploy.flower.punctual import PunctualReceiver
from shared.broker import celery_app
from shared.settings import Settings

HOUR = 3600


@pytest.fixture
def receiver() -> Iterator[PunctualReceiver]:
    app = celery_app(Settings())
    with app.connection_for_read(transport="memory") as connection:
        yield PunctualReceiver(connection, app=app)


@pytest.mark.parametrize("off_seconds", [-HOUR, 0, HOUR])
def test_a_task_of_a_worker_with_any_clock_began_when_it_was_heard_of(
    receiver: PunctualReceiver, caplog: pytest.LogCaptureFixture, off_seconds: int
) -> None:
    state = State()

    def hear(kind: str, **fields: Any) -> None:
        sent = {"type": kind, "hostname": "cpu0@there", "clock": 1, "utcoffset": 0, "pid": 1, **fields}
        state.event(receiver.event_from_message({**sent, "timestamp": time.time() + off_seconds})[1])

    hear("worker-heartbeat", freq=2.0)
    hear("task-started", uuid="a")

    assert abs(state.tasks["a"].started - time.time()) < 60
    assert state.workers["cpu0@there"].alive
    assert "drift" not in caplog.text
