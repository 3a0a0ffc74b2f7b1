"""Two owners: one with many jobs, one with few; the few are not made to wait for the many."""

from collections.abc import Sequence

import pytest

from shared.jobs.records import JobRecord
from tests.conftest import Figure
from tests.patience import wait_until
from tests.service import Service

pytestmark = pytest.mark.slow

MANY, FEW, WORKERS = 30, 2, 2
STAGE_SECONDS = 1.0
NOISE = 0.3
"""What acquiring, committing and looking may add on a busy machine, in stage times."""


def test_the_first_stage_of_an_owner_of_two_jobs_does_not_wait_for_thirty_of_another(
    service: Service, figure: Figure
) -> None:
    service.start_workers("cpu0", "cpu1", COUNTING_UNITS="1", COUNTING_UNIT_SECONDS=str(STAGE_SECONDS))
    many = [service.submit(4, 5, seed=seed, owner="big") for seed in range(MANY)]
    # By then the oldest job has a stage that waits, besides the two that run.
    wait_until(lambda: starts(service, many[: 2 * WORKERS]) >= 2 * WORKERS, "each worker is at its second stage")

    few = [service.submit(4, 5, seed=MANY + number, owner="small") for number in range(FEW)]
    wait_until(lambda: starts(service, few) > 0, "a stage of the small owner has started")

    waited = min(seconds for job in few for seconds in waited_seconds(service, job))
    figure("stage times until the small owner's first stage starts", waited / STAGE_SECONDS, 1 + NOISE)


def starts(service: Service, jobs: Sequence[JobRecord]) -> int:
    return sum(sum(service.counted(job.id, "starts").values()) for job in jobs)


def waited_seconds(service: Service, job: JobRecord) -> list[float]:
    """From a job's submission to the start of each stage that has started, by Redis' clock."""
    started = [stage.started_at for stage in service.store.stages(job.id)]
    return [(at - job.created_at).total_seconds() for at in started if at is not None]
