"""Stages that fail however often they are tried: buried after their attempts with all that is known; others go on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from celery.events.state import State
from typer.testing import CliRunner

from api.answers import StageFailureAnswer
from api.cli import app as command_line
from api.client import Client
from shared.broker import celery_app
from shared.jobs.status import JobStatus, StageStatus
from tests.conftest import Figure
from tests.counting import COMPLAINT
from tests.patience import wait_until
from tests.service import Service
from tests.valkey import Valkey

pytestmark = pytest.mark.slow

ATTEMPTS = 3
STALLING = {"DREAMQUEUE_LEASE__STALL_SECONDS": "1.0", "DREAMQUEUE_ARTIFACTS__PATIENCE_SECONDS": "0.5"}


@dataclass(frozen=True)
class Letter:
    """What must be told of a sickness.

    Attributes:
        traceback: a call that stands in the traceback, None where nothing was raised.
        logged: what the log's tail ends with, behind the stage's complaint.
    """

    code: str
    reason: str
    traceback: str | None = None
    logged: str = COMPLAINT


LETTERS = {
    # Celery's own worker ends at a MemoryError of its child.
    "starves": Letter("memory", "no room for so large a picture", "in _starves"),
    "dies": Letter("worker_lost", "stopped answering"),
    "hangs": Letter("worker_lost", "stopped answering", logged="in _hangs"),
}


@contextmanager
def flower_sees(service: Service) -> Iterator[State]:
    """What Flower keeps of the events that it hears."""
    state = State()
    app = celery_app(service.settings)
    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": state.event})
        thread = threading.Thread(target=receiver.capture)
        thread.start()
        try:
            yield state
        finally:
            receiver.should_stop = True
            thread.join()


def shown(service: Service, job_id: str) -> str:
    """What `dreamqueue show` prints."""
    result = CliRunner().invoke(
        command_line, ["show", job_id], env={"DREAMQUEUE_URL": service.api, "COLUMNS": "300"}, catch_exceptions=False
    )
    return result.stdout


@pytest.mark.parametrize("sickness", LETTERS)
def test_a_sick_stage_is_tried_as_often_as_allowed_and_buried_with_all_that_is_known(
    service: Service, figure: Figure, sickness: str
) -> None:
    service.start_api()
    service.start_worker("cpu0", COUNTING_UNITS="2", COUNTING_SICK=f"dream-01:{sickness}", **STALLING)
    letter = LETTERS[sickness]

    with flower_sees(service) as flower:
        sick, well = service.submit(4, 5), service.submit(6, seed=8)
        failed, ended = service.wait_for(sick.id, 120), service.wait_for(well.id)
        wait_until(lambda: flower_tells(flower, sick.id, letter) == ATTEMPTS, "Flower shows every attempt")

    assert (failed.status, ended.status) == (JobStatus.FAILED, JobStatus.SUCCEEDED)
    assert service.counted(sick.id, "starts")["dream-01"] == ATTEMPTS
    check_answers(service, sick.id, letter)
    check_command_line(shown(service, sick.id), letter)
    figure("attempts", service.store.stage(sick.id, "dream-01").attempts, ATTEMPTS)


def flower_tells(flower: State, job_id: str, letter: Letter) -> int:
    """How many attempts at the sick stage are shown as failed with all that is known."""
    tasks = [task for task_id, task in list(flower.tasks.items()) if task_id.startswith(f"{job_id}.dream-01.")]
    return sum(
        task.state == "FAILURE"
        and letter.reason in task.exception
        and all(text in task.traceback for text in ("cpu0@", letter.traceback or "", COMPLAINT, letter.logged))
        for task in tasks
    )


def check_answers(service: Service, job_id: str, letter: Letter) -> None:
    """The job tells the reason; its stage tells the rest."""
    with Client(service.api) as client:
        job, stage = client.job(job_id), client.stages(job_id).stages[1]
        listed = client.jobs(status=JobStatus.FAILED).jobs[0]
    assert job.failure is not None
    assert (job.failure.stage, job.failure.code, job.failure.attempt) == ("dream-01", letter.code, ATTEMPTS)
    assert job.failure.message.startswith(f"gave up after {ATTEMPTS} attempts")
    assert letter.reason in job.failure.message
    assert listed.failure == job.failure
    assert (stage.status, stage.attempts) == (StageStatus.FAILED, ATTEMPTS)
    assert stage.failure is not None
    check_letter(stage.failure, letter)


def check_letter(failure: StageFailureAnswer, letter: Letter) -> None:
    """A stage's failure has all that its worker left."""
    assert (failure.worker or "").startswith("cpu0@")
    assert failure.at is not None
    assert "stage begins" in (failure.log_tail or "")
    assert COMPLAINT in (failure.log_tail or "")
    assert letter.logged in (failure.log_tail or "")
    assert (failure.traceback is None) == (letter.traceback is None)
    assert (letter.traceback or "") in (failure.traceback or "")
    assert failure.traceback_attempt == (None if letter.traceback is None else ATTEMPTS)


def check_command_line(text: str, letter: Letter) -> None:
    """`show` prints it for people."""
    for part in ("✗ dream-01", letter.reason, "cpu0@", f"attempt {ATTEMPTS}", letter.traceback or "", letter.logged):
        assert part in text


def restart(service: Service, valkey: Valkey) -> None:
    """Kill Redis, the API and the reconciler, and start them again."""
    valkey.kill()
    valkey.start()
    service.start_reconciler()
    service.start_api()


def test_a_dead_letter_is_taken_up_again_where_it_failed_over_restarts_of_everything(
    service: Service, valkey: Valkey
) -> None:
    sick = service.start_worker("cpu0", COUNTING_UNITS="4", COUNTING_SICK="dream-01:raises")
    job = service.submit(4, 5)
    buried = service.wait_for(job.id)

    sick.kill()
    restart(service, valkey)
    with Client(service.api) as client:
        retried = [client.retry(job.id) for _ in range(2)]
    restart(service, valkey)
    service.start_worker("cpu1", COUNTING_UNITS="4")
    ended = service.wait_for(job.id)

    assert (buried.status, ended.status) == (JobStatus.FAILED, JobStatus.SUCCEEDED)
    assert [(answer.status, answer.failure) for answer in retried] == [(JobStatus.QUEUED, None)] * 2
    assert service.units_of("dream-00") == [0, 1, 2, 3]
    assert service.store.stage(job.id, "dream-01").attempts == 1
    assert set(service.counted(job.id, "commits").values()) == {1}
    with Client(service.api) as client:
        assert client.job(job.id).failure is None
        assert not any(stage.failure for stage in client.stages(job.id).stages)
    assert "Traceback" not in shown(service, job.id)
