"""Workers killed at every point of the protocol: each stage is committed once, and at most one unit is done twice."""

import os
import signal
from collections.abc import Callable

import pytest

from shared.jobs.status import JobStatus
from tests.conftest import Figure
from tests.patience import wait_until
from tests.service import LEASE_SECONDS, RECONCILE_SECONDS, UNIT_SECONDS, UNITS, Service, Worker

POINTS = (
    "taken from the queue",
    "artifacts in place",
    "before commit",
    "after commit",
    "message sent",
    "dispatched",
)
# Where no other worker stands by, the pool's next child must first import all that it needs.
START_OF_A_CHILD_SECONDS = 8.0
RESUME_SECONDS = LEASE_SECONDS + RECONCILE_SECONDS + 1.0


def kill_child(worker: Worker) -> None:
    os.kill(worker.child, signal.SIGKILL)


def kill_parent(worker: Worker) -> None:
    worker.process.kill()


@pytest.mark.parametrize(
    "kill",
    [kill_child, pytest.param(kill_parent, marks=pytest.mark.slow), pytest.param(Worker.kill, marks=pytest.mark.slow)],
)
def test_a_worker_killed_in_the_middle_of_a_stage_costs_at_most_one_unit(
    service: Service, figure: Figure, kill: Callable[[Worker], None]
) -> None:
    alone = kill is kill_child
    service.start_workers(*(("cpu0",) if alone else ("cpu0", "cpu1")))
    job = service.submit()
    service.wait_for_unit("dream-00")

    before = len(service.units_of("dream-00"))
    kill(service.worker_of(job.id, "dream-00"))
    seconds = wait_until(lambda: len(service.units_of("dream-00")) > before + 1, "dream-00 goes on")
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}
    figure("units done twice", len(service.units_of("dream-00")) - UNITS, 1)
    # Seen by the second unit that follows.
    figure("seconds to resume", seconds - 2 * UNIT_SECONDS, RESUME_SECONDS + alone * START_OF_A_CHILD_SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_a_point_of_the_protocol_loses_nothing_and_doubles_nothing(
    service: Service, figure: Figure, point: str
) -> None:
    mark = service.folder / "died"
    quick = {"COUNTING_UNITS": "3", "COUNTING_UNIT_SECONDS": "0.02"}
    deadly = {"DYING_AT": point, "DYING_ONCE": str(mark), **quick}
    service.await_workers(service.spawn_worker("cpu0", "dying_app", **deadly))
    job = service.submit(4)
    wait_until(mark.exists, f"a worker dies: {point}")

    service.start_worker("cpu1", **quick)
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    figure("most commits of a stage", max(service.counted(job.id, "commits").values()), 1)
    assert set(service.counted(job.id, "commits").values()) == {1}
