"""Jobs canceled, paused and resumed while nothing, something or everything runs, over restarts of all."""

import pytest

from shared.jobs.status import JobStatus, StageStatus
from tests.conftest import Figure
from tests.patience import wait_until
from tests.service import UNIT_SECONDS, UNITS, Service
from tests.valkey import Valkey

pytestmark = pytest.mark.slow


def test_cancel_stops_a_running_stage_within_a_unit(service: Service, figure: Figure) -> None:
    service.start_worker("cpu0")
    running, waiting = service.submit(), service.submit(6, seed=8)
    service.wait_for_unit("dream-00")

    service.store.cancel(waiting.id)
    service.store.cancel(running.id)
    seconds = wait_until(lambda: service.store.get(running.id).status is JobStatus.CANCELED, "the job is canceled")

    assert service.store.get(waiting.id).status is JobStatus.CANCELED
    assert {unit.stage for unit in service.journal} == {"dream-00"}
    assert len(service.units_of("dream-00")) < UNITS
    figure("seconds to stop", seconds, UNIT_SECONDS + 1)


def test_a_job_canceled_while_no_worker_is_up_never_starts(service: Service, valkey: Valkey) -> None:
    service.start_worker("cpu0").kill()
    job = service.submit(4)

    service.store.cancel(job.id)
    valkey.kill()
    valkey.start()
    service.start_workers("cpu0", "cpu1")
    other = service.wait_for(service.submit(6, seed=8).id)

    assert other.status is JobStatus.SUCCEEDED
    assert service.store.get(job.id).status is JobStatus.CANCELED
    assert set(service.counted(job.id, "starts").values()) == {0}


def test_a_cancel_that_its_worker_never_heard_holds_after_a_restart_of_everything(
    service: Service, valkey: Valkey
) -> None:
    worker = service.start_worker("cpu0")
    job = service.submit(4)
    service.wait_for_unit("dream-00")
    done = len(service.units_of("dream-00"))

    worker.kill()
    canceling = service.store.cancel(job.id)
    valkey.kill()
    valkey.start()
    service.start_reconciler()
    service.start_worker("cpu1")
    ended = service.wait_for(job.id)

    assert service.store.cancel(job.id).status is JobStatus.CANCELED
    assert (canceling.status, ended.status) == (JobStatus.CANCELING, JobStatus.CANCELED)
    assert len(service.journal) <= done + 1
    assert sum(service.counted(job.id, "starts").values()) == 1


def test_a_paused_job_goes_on_where_it_was_after_a_restart_of_everything(service: Service, valkey: Valkey) -> None:
    worker = service.start_worker("cpu0")
    job = service.submit(4)
    service.wait_for_unit("dream-00")

    service.store.pause(job.id)
    wait_until(lambda: service.store.stage(job.id, "dream-00").status is StageStatus.PAUSED, "the stage is put away")
    done = service.units_of("dream-00")
    worker.kill()
    valkey.kill()
    valkey.start()
    service.start_reconciler()
    service.start_worker("cpu1")
    assert service.store.pause(job.id).status is JobStatus.PAUSED
    assert service.units_of("dream-00") == done

    service.store.resume(job.id)
    service.store.resume(job.id)
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    assert service.units_of("dream-00") == list(range(UNITS))
    assert set(service.counted(job.id, "commits").values()) == {1}
