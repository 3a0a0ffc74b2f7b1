"""Many jobs on few workers: none waits behind a busy worker while another is free, and long ones run once."""

import time

import pytest
import redis

from shared.jobs.status import JobStatus, StageStatus
from tests.conftest import Figure
from tests.service import Service

pytestmark = pytest.mark.slow

JOBS, WORKERS = 30, 2
STAGE_SECONDS = 0.7
STAGES = 3
LAYERS = (4, 5, 6, 7)
UNITS, UNIT_SECONDS = 4, 0.25
VISIBILITY_SECONDS = "1"
"""Kombu looks every ten seconds for what has outlasted it: twice in the test."""


def test_thirty_jobs_on_two_workers_take_hardly_longer_than_their_work(service: Service, figure: Figure) -> None:
    service.start_workers("cpu0", "cpu1", COUNTING_UNITS="1", COUNTING_UNIT_SECONDS=str(STAGE_SECONDS))

    began = time.monotonic()
    jobs = [service.submit(4, seed=seed) for seed in range(JOBS)]
    statuses = {service.wait_for(job.id, 120).status for job in jobs}
    seconds = time.monotonic() - began

    starts = [number for job in jobs for number in service.counted(job.id, "starts").values()]
    assert statuses == {JobStatus.SUCCEEDED}
    assert set(starts) == {1}
    figure("makespan over ideal", seconds / (JOBS * STAGES * STAGE_SECONDS / WORKERS), 1.1)


@pytest.mark.thorough
def test_the_queue_adds_little_to_a_stage(service: Service, figure: Figure) -> None:
    service.start_worker("cpu0", COUNTING_UNITS=str(UNITS), COUNTING_UNIT_SECONDS=str(UNIT_SECONDS))
    service.wait_for(service.submit(LAYERS[0], seed=1).id)

    job = service.submit(*LAYERS, seed=2)
    service.wait_for(job.id)
    stages = service.store.stages(job.id)
    began = min(stage.started_at for stage in stages if stage.started_at)
    ended = max(stage.finished_at for stage in stages if stage.finished_at)

    # Of its checkpoints, starts and commits all but the first start; the worker has nothing else to do.
    added = (ended - began).total_seconds() / len(stages) - UNITS * UNIT_SECONDS
    figure("seconds that the queue adds to a stage", added, 0.05)


@pytest.mark.thorough
def test_a_stage_that_outlasts_its_lease_and_the_visibility_timeout_many_times_runs_once(
    service: Service, figure: Figure
) -> None:
    work = {"COUNTING_UNITS": "80", "COUNTING_UNIT_SECONDS": "0.3", "COUNTING_VISIBILITY_SECONDS": VISIBILITY_SECONDS}
    service.start_workers("cpu0", "cpu1", **work)

    job = service.submit(4)
    service.wait_for_unit("dream-00", 75)
    stage = service.store.stage(job.id, "dream-00")
    with redis.Redis.from_url(service.settings.redis.broker) as broker:
        unacknowledged = broker.hlen("unacked")
    service.store.cancel(job.id)
    service.wait_for(job.id)

    assert (stage.status, stage.attempts) == (StageStatus.RUNNING, 1)
    # Nothing that a visibility timeout could give back: a message is acknowledged before its stage begins.
    assert unacknowledged == 0
    figure("most starts of a stage", max(service.counted(job.id, "starts").values()), 1)
