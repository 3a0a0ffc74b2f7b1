"""Stages that fail however often they are tried: buried after their attempts with the reason; the rest goes on."""

import pytest

from shared.jobs.status import JobStatus, StageStatus
from tests.faults.conftest import Figure
from tests.service import Service

pytestmark = pytest.mark.slow

ATTEMPTS = 3
SICK = {
    "raises": ("arithmetic", "the picture has turned to dust"),
    "dies": ("worker_lost", "stopped answering"),
    "hangs": ("worker_lost", "stopped answering"),
}
STALL_SECONDS = "1.0"


@pytest.mark.parametrize("sickness", SICK)
def test_a_sick_stage_is_tried_as_often_as_allowed_and_buried_with_its_reason(
    service: Service, figure: Figure, sickness: str
) -> None:
    service.start_worker(
        "cpu0", COUNTING_UNITS="2", COUNTING_SICK=f"dream-01:{sickness}", DREAMQUEUE_LEASE__STALL_SECONDS=STALL_SECONDS
    )
    sick, well = service.submit(4, 5), service.submit(6, seed=8)

    failed, ended = service.wait_for(sick.id, 120), service.wait_for(well.id)

    code, reason = SICK[sickness]
    stage = service.store.stage(sick.id, "dream-01")
    assert failed.status is JobStatus.FAILED
    assert failed.failure is not None
    assert (failed.failure.stage, failed.failure.code) == ("dream-01", code)
    assert failed.failure.message.startswith(f"gave up after {ATTEMPTS} attempts")
    assert reason in failed.failure.message
    assert failed.failure.worker is not None
    assert stage.status is StageStatus.FAILED
    assert ended.status is JobStatus.SUCCEEDED
    assert service.counted(sick.id, "starts")["dream-01"] == ATTEMPTS
    figure("attempts", stage.attempts, ATTEMPTS)


def test_a_buried_stage_is_taken_up_again_where_it_failed(service: Service) -> None:
    sick = service.start_worker("cpu0", COUNTING_UNITS="4", COUNTING_SICK="dream-01:raises")
    job = service.submit(4, 5)
    service.wait_for(job.id)
    sick.kill()

    service.start_worker("cpu1", COUNTING_UNITS="4")
    service.store.retry(job.id)
    service.store.retry(job.id)
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert service.units_of("dream-00") == [0, 1, 2, 3]
    assert service.store.stage(job.id, "dream-01").attempts == 1
    assert set(service.counted(job.id, "commits").values()) == {1}
