"""Cancel, pause and retry, seen by the holders of leases."""

import pytest

from shared.jobs.events import read_events
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus, StageStatus
from shared.jobs.store import JobStore
from shared.leases import Leases, Signal, UnitReport
from tests.shared.leasing import BROKEN, begin, orphan, short_leases, submitted


@pytest.fixture
def leases(store: JobStore) -> Leases:
    return short_leases(store)


@pytest.fixture
def job(store: JobStore) -> JobRecord:
    return submitted(store)


def test_cancel_waits_for_what_runs_and_keeps_what_gets_done(store: JobStore, leases: Leases, job: JobRecord) -> None:
    leases.commit(begin(leases, job), (), 1.0)
    stopping, finishing = begin(leases, job, "dream-01"), begin(leases, job, "style-00")

    canceling = store.cancel(job.id)
    signal = leases.record_unit(stopping, UnitReport(0.5))
    leases.release(stopping)
    between = store.get(job.id)
    started = leases.commit(finishing, (), 1.0)

    assert (canceling.status, signal, between.status) == (JobStatus.CANCELING, Signal.CANCEL, JobStatus.CANCELING)
    assert started == ()
    assert store.get(job.id).status is JobStatus.CANCELED
    assert store.stage(job.id, "style-00").status is StageStatus.SUCCEEDED


def test_a_canceled_job_whose_worker_died_ends_when_its_lease_does(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    begin(leases, job)
    store.cancel(job.id)

    leases.expire(orphan(store, job))

    assert store.get(job.id).status is JobStatus.CANCELED


def test_pause_reaches_a_running_stage_and_resume_queues_it_again(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    lease = begin(leases, job)
    store.pause(job.id)

    signal = leases.record_unit(lease, UnitReport(0.5, checkpoint="c"))
    leases.release(lease)
    paused = store.stage(job.id, "dream-00")
    store.resume(job.id)

    assert (signal, paused.status, paused.attempts) == (Signal.PAUSE, StageStatus.PAUSED, 0)
    assert store.runnable(job.id) == ("dream-00",)
    assert begin(leases, job).checkpoint == "c"


def test_retry_takes_a_failed_job_up_where_it_failed(store: JobStore, leases: Leases, job: JobRecord) -> None:
    leases.commit(begin(leases, job), (), 1.0)
    leases.fail(begin(leases, job, "dream-01"), BROKEN, retry=False)

    retried = store.retry(job.id)

    assert (retried.status, retried.failure, retried.stages_done) == (JobStatus.QUEUED, None, 1)
    assert store.runnable(job.id) == ("dream-01", "style-00")
    assert begin(leases, job, "dream-01").attempt == 1


def test_retry_while_another_stage_has_not_noticed_the_failure_lets_it_go_on(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    leases.commit(begin(leases, job), (), 1.0)
    failing, sibling = begin(leases, job, "dream-01"), begin(leases, job, "style-00")
    leases.fail(failing, BROKEN, retry=False)

    retried = store.retry(job.id)

    assert retried.status is JobStatus.RUNNING
    assert leases.record_unit(sibling, UnitReport(0.5)) is Signal.CONTINUE
    assert store.runnable(job.id) == ("dream-01",)


@pytest.mark.parametrize(
    ("change", "becomes"), [("pause", "paused"), ("cancel", "canceled"), ("get", "queued")], ids=str
)
def test_a_stage_given_back_follows_its_job_whatever_its_owner_last_heard(
    store: JobStore, leases: Leases, job: JobRecord, change: str, becomes: str
) -> None:
    lease = begin(leases, job)
    getattr(store, change)(job.id)

    answer = leases.release(lease)

    assert answer == becomes
    assert store.stage(job.id, "dream-00").status.value == becomes


@pytest.mark.parametrize("change", ["resume", "retry"])
def test_stages_that_wait_for_workers_again_are_told(
    store: JobStore, leases: Leases, job: JobRecord, change: str
) -> None:
    lease = begin(leases, job)
    if change == "resume":
        store.pause(job.id)
        leases.release(lease)
    else:
        leases.fail(lease, BROKEN, retry=False)
    told = len(read_events(store.redis, store.events_key(job.id)))

    getattr(store, change)(job.id)

    types = [event.type for event in read_events(store.redis, store.events_key(job.id))[told:]]
    assert types[:2] == ["job.queued" if change == "retry" else "job.running", "stage.queued"]
