"""A worker that stands still for longer than its lease commits nothing when it wakes."""

import signal
import time

import pytest

from shared.jobs.status import JobStatus
from tests.conftest import Figure
from tests.patience import wait_until
from tests.service import LEASE_SECONDS, Service

pytestmark = pytest.mark.slow


def test_a_worker_stopped_for_two_leases_is_fenced_when_it_goes_on(service: Service, figure: Figure) -> None:
    service.start_workers("cpu0", "cpu1")
    job = service.submit()
    service.wait_for_unit("dream-00")
    asleep = service.worker_of(job.id, "dream-00")

    asleep.kill_group(signal.SIGSTOP)
    time.sleep(2 * LEASE_SECONDS)
    asleep.kill_group(signal.SIGCONT)
    wait_until(lambda: asleep.has_logged("stage was taken over"), "the old holder learns that it lost its lease")
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}
    assert service.counted(job.id, "starts")["dream-00"] == 2
    figure("most commits of a stage", max(service.counted(job.id, "commits").values()), 1)
