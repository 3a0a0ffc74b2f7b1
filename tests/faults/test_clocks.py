"""Clocks that disagree, or jump: nothing depends on two machines agreeing on the time."""

import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.layout import flower_url
from shared.jobs.events import read_events
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus
from shared.settings import ReconcilerSettings
from tests.clock import Clock
from tests.conftest import Figure
from tests.patience import wait_until
from tests.service import LEASE_SECONDS, RECONCILE_SECONDS, Service, Worker, impatient, service_in
from tests.valkey import Valkey, serving

pytestmark = pytest.mark.slow

HOUR = 3600
RESUME_SECONDS = LEASE_SECONDS + RECONCILE_SECONDS + 1.0
A_WHILE = timedelta(minutes=5)
"""More than any test here takes, and far less than the clocks are moved by."""


def kill(worker: Worker) -> None:
    worker.kill()


def freeze(worker: Worker) -> None:
    worker.kill_group(signal.SIGSTOP)


def get(url: str) -> Any:
    return httpx.get(url, timeout=10, trust_env=False).raise_for_status().json()


def assert_times_are_true(service: Service, job: JobRecord) -> None:
    """Every time, duration and estimate that is told of a job lies where it happened."""
    now = datetime.now(UTC)
    stages = service.store.stages(job.id)
    moments = [job.created_at, job.updated_at, job.finished_at]
    moments += [moment for stage in stages for moment in (stage.started_at, stage.finished_at)]
    events = read_events(service.store.redis, service.store.events_key(job.id))
    told: list[Any] = [event.data["stage"] for event in events if "stage" in event.data]
    left = [stage["eta_seconds"] for stage in told if "eta_seconds" in stage]

    assert all(moment and timedelta() <= now - moment < A_WHILE for moment in moments)
    assert all(stage.seconds and 0 < stage.seconds < A_WHILE.total_seconds() for stage in stages)
    assert left
    assert all(0 <= seconds < A_WHILE.total_seconds() for seconds in left)


def assert_flower_sees_it_now(service: Service) -> None:
    """The worker is online, and all that Flower tells of its stages happened of late."""
    flower, now = flower_url(service.settings), time.time()
    tasks = get(f"{flower}/api/tasks").values()

    assert list(get(f"{flower}/api/workers?status=1").values()) == [True]
    assert tasks
    assert all(0 <= now - task["received"] < A_WHILE.total_seconds() for task in tasks)
    assert all(0 <= now - task["started"] < A_WHILE.total_seconds() for task in tasks)


def struck_at_work(service: Service, worker: Worker, strike: Callable[[Worker], None]) -> JobRecord:
    """A job at which this worker is struck, and no other works; whoever waits longest is given the next stage."""
    jobs = [service.submit(), service.submit(seed=8)]
    for job in jobs:
        wait_until(lambda job=job: service.store.stage(job.id, "dream-00").progress > 0, "both workers are at work")
    mine, other = sorted(jobs, key=lambda job: service.worker_of(job.id, "dream-00") is not worker)
    service.store.cancel(other.id)
    service.wait_for(other.id)
    strike(worker)
    return mine


@pytest.mark.parametrize(
    ("off_seconds", "strike", "other_off_seconds"),
    [pytest.param(HOUR, kill, -HOUR, id="ahead killed"), pytest.param(-HOUR, freeze, HOUR, id="behind frozen")],
)
def test_a_worker_of_another_time_is_followed_by_one_of_yet_another(
    service: Service,
    tmp_path: Path,
    figure: Figure,
    off_seconds: int,
    strike: Callable[[Worker], None],
    other_off_seconds: int,
) -> None:
    clocks = [Clock(tmp_path / "clock", off_seconds), Clock(tmp_path / "other clock", other_off_seconds)]
    workers = [service.spawn_worker(f"cpu{i}", **clock.environment) for i, clock in enumerate(clocks)]
    struck, _ = service.await_workers(*workers)

    job = struck_at_work(service, struck, strike)
    seconds = wait_until(lambda: service.counted(job.id, "starts")["dream-00"] == 2, "dream-00 is begun again")
    if strike is freeze:
        struck.kill_group(signal.SIGCONT)
        wait_until(lambda: struck.has_logged("stage was taken over"), "the old owner learns that it lost its lease")
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}
    figure("seconds to resume", seconds, RESUME_SECONDS)
    assert_times_are_true(service, ended)


@pytest.mark.thorough
def test_a_clock_that_jumps_while_stages_run_shows_nowhere(service: Service, tmp_path: Path) -> None:
    service.start_api()
    service.start_flower()
    clock = Clock(tmp_path / "clock")
    service.start_worker("cpu0", COUNTING_UNITS="20", **clock.environment)
    job = service.submit(4)

    for stage, off_seconds in (("dream-00", HOUR), ("style-00", -HOUR), ("animate", 0)):
        service.wait_for_unit(stage, 3)
        clock.move(off_seconds)
        service.wait_for_unit(stage, 16)
        assert get(f"{service.api}/v1/jobs/{job.id}")["eta_seconds"] >= 0
        assert_flower_sees_it_now(service)
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "starts").values()) == {1}
    assert_times_are_true(service, ended)


@pytest.mark.thorough
@pytest.mark.parametrize("off_seconds", [HOUR, -HOUR])
def test_a_jump_of_redis_clock_restarts_no_stage_and_hides_no_dead_worker(
    tmp_path: Path, figure: Figure, off_seconds: int
) -> None:
    clock = Clock(tmp_path / "clock")
    valkey = Valkey(tmp_path / "redis", environment=clock.environment)
    # So often that it looks before a living owner has renewed the lease that the jump ended.
    often = {"reconciler": ReconcilerSettings(every_seconds=0.05)}
    settings = impatient(tmp_path, f"{valkey.url}/0").model_copy(update=often)
    with serving(valkey), service_in(tmp_path, settings) as service:
        # Units so long that they renew no lease: only the heartbeat does.
        service.start_workers("cpu0", "cpu1", COUNTING_UNITS="6", COUNTING_UNIT_SECONDS="1.2")
        job = service.submit(4)
        service.wait_for_unit("dream-00", 1)
        clock.move(off_seconds)
        time.sleep(LEASE_SECONDS + 1)
        starts = service.counted(job.id, "starts")["dream-00"]
        told_seconds = int(service.store.redis.time()[0]) - time.time()

        service.worker_of(job.id, "dream-00").kill()
        seconds = wait_until(lambda: service.counted(job.id, "starts")["dream-00"] == 2, "dream-00 is begun again")
        ended = service.wait_for(job.id)

    assert told_seconds == pytest.approx(off_seconds, abs=60)
    assert starts == 1
    assert ended.status is JobStatus.SUCCEEDED
    figure("seconds to resume", seconds, RESUME_SECONDS)
