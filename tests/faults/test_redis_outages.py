"""Redis killed, cut off, wiped or hung in the middle of a job: nothing is lost, and nothing is done twice."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from shared.jobs.status import JobStatus
from tests.conftest import Figure
from tests.service import Service
from tests.valkey import Valkey

pytestmark = pytest.mark.slow

CRASHES = 8
SLOW = {"COUNTING_UNITS": "8", "COUNTING_UNIT_SECONDS": "0.3"}


@contextmanager
def connections_dropped(valkey: Valkey, draws: random.Random) -> Iterator[list[int]]:
    """Close every connection every 1 to 3 seconds; gives the numbers of connections closed."""
    dropped: list[int] = []
    stop = threading.Event()

    def drop() -> None:
        while not stop.wait(draws.uniform(1, 3)):
            dropped.append(valkey.drop_connections())

    thread = threading.Thread(target=drop)
    thread.start()
    try:
        yield dropped
    finally:
        stop.set()
        thread.join()


def test_a_redis_that_crashes_again_and_again_loses_nothing_and_restarts_no_stage(
    service: Service, valkey: Valkey, figure: Figure
) -> None:
    service.start_worker("cpu0", **SLOW)
    job = service.submit()

    for _ in range(CRASHES):
        time.sleep(0.7)
        valkey.kill()
        time.sleep(0.3)
        valkey.start()
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}
    figure("most starts of a stage", max(service.counted(job.id, "starts").values()), 1)


def test_connections_that_break_every_few_seconds_cost_no_start(
    service: Service, valkey: Valkey, figure: Figure
) -> None:
    service.start_worker("cpu0", **SLOW)

    with connections_dropped(valkey, random.Random(4)) as dropped:
        job = service.submit()
        ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert sum(dropped) > 0
    assert set(service.counted(job.id, "commits").values()) == {1}
    figure("most starts of a stage", max(service.counted(job.id, "starts").values()), 1)


def test_a_wiped_broker_costs_no_job(service: Service) -> None:
    service.start_worker("cpu0")
    jobs = [service.submit(4, 5), service.submit(6, 7, seed=8)]
    service.wait_for_unit("dream-00")

    with redis.Redis.from_url(service.settings.redis.broker) as broker:
        broker.flushdb()

    assert {service.wait_for(job.id).status for job in jobs} == {JobStatus.SUCCEEDED}


def test_a_redis_that_hangs_for_longer_than_a_lease_costs_no_commit(service: Service, valkey: Valkey) -> None:
    service.start_worker("cpu0", **SLOW)
    job = service.submit()
    service.wait_for_unit("dream-00", 3)

    valkey.freeze()
    time.sleep(2 * service.settings.lease.seconds)
    valkey.thaw()
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}
