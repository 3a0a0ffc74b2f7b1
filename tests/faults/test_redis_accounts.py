"""An account in Redis that is changed under the service: said clearly, and no job is lost to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus, StageStatus
from tests.account import PASSWORD, change_account, documented_account
from tests.service import Service, Worker, impatient, service_in
from tests.valkey import Valkey

pytestmark = pytest.mark.thorough

USELESS = 69
"""Exit code of a worker that cannot work."""
END_SECONDS = 30


@pytest.fixture
def service(valkey: Valkey, tmp_path: Path) -> Iterator[Service]:
    """A service under the account that the documents name."""
    with service_in(tmp_path, impatient(tmp_path, documented_account(valkey.url))) as service:
        yield service


def at_work(service: Service) -> tuple[JobRecord, Worker]:
    worker = service.start_worker("cpu0")
    job = service.submit(4)
    service.wait_for_unit("dream-00", 3)
    return job, worker


def assert_done_once_by_another(service: Service, job: JobRecord) -> None:
    service.start_reconciler()
    service.start_worker("cpu1")
    assert service.wait_for(job.id).status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}


def test_a_password_that_is_changed_under_a_job_ends_its_worker_which_says_so_and_costs_no_job(
    service: Service, valkey: Valkey
) -> None:
    job, worker = at_work(service)

    change_account(valkey.url, "resetpass", ">another")
    valkey.drop_connections()
    code = worker.process.wait(END_SECONDS)
    reconciler_code = service.others["reconciler"].wait(END_SECONDS)
    change_account(valkey.url, "resetpass", f">{PASSWORD}")

    assert (code, reconciler_code) == (USELESS, 1)
    assert worker.has_logged("cannot work, and ends")
    assert worker.has_logged("Redis refuses our account: invalid username-password pair")
    assert_done_once_by_another(service, job)


def test_a_right_that_is_taken_away_under_a_job_ends_its_worker_and_costs_no_job(
    service: Service, valkey: Valkey
) -> None:
    job, worker = at_work(service)

    change_account(valkey.url, "-hincrbyfloat")
    code = worker.process.wait(END_SECONDS)
    change_account(valkey.url, "+hincrbyfloat")

    assert code == USELESS
    assert worker.has_logged("has no permissions to run the 'hincrbyfloat' command")
    assert service.store.get(job.id).failure is None
    assert_done_once_by_another(service, job)


def test_a_worker_that_may_tell_flower_nothing_works_all_the_same(service: Service, valkey: Valkey) -> None:
    job, worker = at_work(service)

    change_account(valkey.url, "-publish")

    assert service.wait_for(job.id).status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "starts").values()) == {1}
    assert worker.lives


def test_a_worker_that_may_take_nothing_from_the_queue_finishes_its_stage_and_ends(
    service: Service, valkey: Valkey
) -> None:
    job, worker = at_work(service)

    change_account(valkey.url, "-brpop")
    code = worker.process.wait(END_SECONDS)
    stage = service.store.stage(job.id, "dream-00")
    change_account(valkey.url, "+brpop")

    assert code == 1
    assert worker.has_logged("no permissions to run the 'brpop' command")
    assert (stage.status, stage.attempts) == (StageStatus.SUCCEEDED, 1)
    assert_done_once_by_another(service, job)
