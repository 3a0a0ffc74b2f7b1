"""Real workers: jobs survive their deaths, a stop puts stages away, and the parent never loads the engine."""

import os
import signal
import time
from pathlib import Path

import pytest

from shared.jobs.status import JobStatus, StageStatus
from tests.patience import WAIT_SECONDS
from tests.service import UNITS, Service

GRACE_SECONDS = 1.0
# The pool's child sleeps for a second before it ends, and the machine's cores are shared with other tests.
EXIT_SECONDS = 4.0
# Where no other worker stands by, the pool's next child must first import all that it needs.
START_OF_A_CHILD_SECONDS = 8.0


@pytest.mark.slow
@pytest.mark.parametrize("to_group", [False, True])
def test_sigterm_to_a_worker_at_rest_ends_it_at_once(service: Service, *, to_group: bool) -> None:
    worker = service.start_worker("cpu0")

    began = time.monotonic()
    if to_group:
        worker.kill_group(signal.SIGTERM)
    code = worker.process.wait(30) if to_group else worker.stop()

    assert code == 0
    assert time.monotonic() - began < EXIT_SECONDS


@pytest.mark.slow
def test_terminate_in_flower_puts_a_stage_away_and_the_worker_goes_on(service: Service) -> None:
    worker = service.start_worker("cpu0")
    job = service.submit()
    service.wait_for_unit("dream-00")

    os.kill(worker.child, signal.SIGTERM)
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert service.units_of("dream-00") == list(range(UNITS))
    assert service.counted(job.id, "starts")["dream-00"] == 2


def test_a_worker_that_cannot_load_its_engine_ends_and_says_why(service: Service) -> None:
    job = service.submit()

    useless = service.spawn_worker("cpu0", app="broken_app")
    code = useless.process.wait(WAIT_SECONDS)

    log = useless.log.read_text()
    assert code == 69
    assert "the engine cannot be loaded" in log
    assert "No module named 'tensorflow'" in log
    assert service.store.stage(job.id, "dream-00").status is StageStatus.QUEUED
    assert service.counted(job.id, "starts")["dream-00"] == 0


def test_the_parent_never_loads_tensorflow_and_the_child_does(service: Service) -> None:
    worker = service.start_worker("cpu0", app="worker.app")

    assert has_loaded(worker.child, "tensorflow")
    assert not has_loaded(worker.process.pid, "tensorflow")
    assert worker.stop() == 0


def has_loaded(process_id: int, library: str) -> bool:
    return library in Path(f"/proc/{process_id}/maps").read_text()
