"""Leases: one holder at a time, fenced by its token, and no more attempts than allowed."""

import time

import pytest

from shared.errors import LeaseLostError
from shared.jobs.events import read_events
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus, StageStatus
from shared.jobs.store import JobStore
from shared.leases import Lease, Leases, Refusal, Signal, UnitReport
from shared.settings import LeaseSettings
from tests.shared.leasing import BROKEN, FRAME, LEASE_SECONDS, begin, orphan, short_leases, submitted


@pytest.fixture
def leases(store: JobStore) -> Leases:
    return short_leases(store)


@pytest.fixture
def job(store: JobStore) -> JobRecord:
    return submitted(store)


def test_the_first_lease_starts_stage_and_job(store: JobStore, leases: Leases, job: JobRecord) -> None:
    lease = begin(leases, job)

    stage = store.stage(job.id, "dream-00")
    assert (lease.attempt, lease.checkpoint, lease.seconds) == (1, None, 0.0)
    assert (stage.status, stage.worker, stage.attempts) == (StageStatus.RUNNING, "cpu0@here", 1)
    assert store.get(job.id).status is JobStatus.RUNNING


def test_a_stage_has_one_owner_at_a_time(leases: Leases, job: JobRecord) -> None:
    begin(leases, job)

    assert leases.acquire(job.id, "dream-00", "cpu1@here", "task") is Refusal.LEASED


def test_an_owner_that_did_not_hear_the_answer_asks_again_and_gets_the_same_lease(
    leases: Leases, job: JobRecord
) -> None:
    first = leases.acquire_as("nonce", job.id, "dream-00", "cpu0@here", "task")

    assert leases.acquire_as("nonce", job.id, "dream-00", "cpu0@here", "task") == first


def test_what_is_not_there_not_ready_done_or_over_is_refused(store: JobStore, leases: Leases, job: JobRecord) -> None:
    def refusal(stage_id: str, job_id: str = job.id) -> Lease | Refusal:
        return leases.acquire(job_id, stage_id, "cpu0@here", "task")

    assert refusal("dream-00", "job_none") is Refusal.NOT_FOUND
    assert refusal("dream-99") is Refusal.NOT_FOUND
    assert refusal("animate") is Refusal.NOT_RUNNABLE
    leases.commit(begin(leases, job), (), 1.0)
    assert refusal("dream-00") is Refusal.DONE
    store.pause(job.id)
    assert refusal("dream-01") is Refusal.PAUSED
    store.cancel(job.id)
    assert refusal("dream-01") is Refusal.JOB_OVER


def test_a_commit_makes_runnable_what_waited_for_it(store: JobStore, leases: Leases, job: JobRecord) -> None:
    runnable = leases.commit(begin(leases, job), (FRAME,), 2.5)

    stage = store.stage(job.id, "dream-00")
    assert runnable == ("dream-01", "style-00")
    assert (stage.status, stage.artifacts, stage.seconds, stage.progress) == (StageStatus.SUCCEEDED, (FRAME,), 2.5, 1.0)


def test_a_commit_sent_twice_counts_once(store: JobStore, leases: Leases, job: JobRecord) -> None:
    lease = begin(leases, job)

    assert leases.commit(lease, (), 1.0) == leases.commit(lease, (), 1.0)
    assert store.get(job.id).stages_done == 1


def test_the_last_commit_ends_the_job(store: JobStore, leases: Leases, job: JobRecord) -> None:
    while runnable := store.runnable(job.id):
        for stage_id in runnable:
            leases.commit(begin(leases, job, stage_id), (), 1.0, reused=stage_id == "animate")

    ended = store.get(job.id)
    assert (ended.status, ended.progress, ended.stages_done) == (JobStatus.SUCCEEDED, 1.0, 5)
    assert store.stage(job.id, "animate").status is StageStatus.REUSED
    assert store.active() == ()


def test_progress_of_a_job_grows_with_its_stages_work(store: JobStore, leases: Leases, job: JobRecord) -> None:
    lease = begin(leases, job)

    leases.record_unit(lease, UnitReport(progress=0.5, detail="half", checkpoint="c", preview="p", seconds=3.0))

    stage = store.stage(job.id, "dream-00")
    expected = 0.5 * job.plan.stages[0].work / job.plan.work
    assert (stage.progress, stage.detail, stage.checkpoint, stage.preview) == (0.5, "half", "c", "p")
    assert store.get(job.id).progress == pytest.approx(expected)


def test_progress_is_told_once_a_second_and_new_previews_at_once(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    lease = begin(leases, job)

    for unit in range(10):
        leases.record_unit(lease, UnitReport(progress=unit / 10, preview="second" if unit > 5 else "first"))

    types = [event.type for event in read_events(store.redis, store.events_key(job.id))][3:]
    assert types == ["stage.preview", "stage.preview"]


def test_a_full_redis_lets_no_lease_run_out(store: JobStore, job: JobRecord) -> None:
    leases = short_leases(store)
    lease = begin(leases, job)
    store.redis.config_set("maxmemory", 1)
    try:
        for _ in range(4):
            time.sleep(LEASE_SECONDS / 2)
            assert leases.renew(lease)
    finally:
        store.redis.config_set("maxmemory", 0)

    assert leases.commit(lease, (), 1.0)


def test_an_owner_keeps_its_lease_by_units_or_renewals_however_long_it_works(leases: Leases, job: JobRecord) -> None:
    lease = begin(leases, job)

    for _ in range(4):
        time.sleep(0.2)
        assert leases.renew(lease)
        time.sleep(0.2)
        assert leases.record_unit(lease, UnitReport(0.5)) is Signal.CONTINUE


def test_a_lease_that_ran_out_unnoticed_is_taken_up_again_by_its_holder(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    lease = begin(leases, job)
    found = orphan(store, job)

    assert leases.renew(lease)
    assert leases.expire(found) == "held"
    assert leases.commit(lease, (), 1.0)


def test_a_dead_owner_is_fenced_in_every_way(store: JobStore, leases: Leases, job: JobRecord) -> None:
    dead = begin(leases, job)
    outcome = leases.expire(orphan(store, job))
    heir = begin(leases, job)

    assert outcome == "queued"
    assert heir.token > dead.token
    assert not leases.renew(dead)
    assert leases.record_unit(dead, UnitReport(0.9)) is Signal.LOST
    assert leases.fail(dead, BROKEN, retry=False) == "lost"
    assert leases.release(dead) == "lost"
    with pytest.raises(LeaseLostError):
        leases.commit(dead, (), 1.0)
    assert store.stage(job.id, "dream-00").progress == 0.0
    assert leases.commit(heir, (), 1.0)


def test_an_heir_takes_up_checkpoint_and_time_of_the_dead(store: JobStore, leases: Leases, job: JobRecord) -> None:
    leases.record_unit(begin(leases, job), UnitReport(0.5, checkpoint="c", preview="p", seconds=12.5))
    leases.expire(orphan(store, job))

    heir = begin(leases, job)

    assert (heir.attempt, heir.checkpoint, heir.preview, heir.seconds) == (2, "c", "p", 12.5)


def test_a_stage_whose_owners_keep_dying_is_buried_with_the_reason(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    begin(leases, job)
    first = leases.expire(orphan(store, job))
    begin(leases, job)

    second = leases.expire(orphan(store, job))

    failed = store.get(job.id)
    assert (first, second) == ("queued", "failed")
    assert failed.failure is not None
    assert failed.failure.code == "worker_lost"
    assert "gave up after 2 attempts" in failed.failure.message
    assert failed.status is JobStatus.FAILED
    assert leases.acquire(job.id, "dream-00", "cpu0@here", "task") is Refusal.JOB_OVER


def test_a_failed_attempt_is_followed_by_another_until_there_are_none_left(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    first = leases.fail(begin(leases, job), BROKEN, retry=True)
    between = store.stage(job.id, "dream-00")
    second = leases.fail(begin(leases, job), BROKEN, retry=True)

    assert (first, second) == ("queued", "failed")
    assert between.failure is not None
    assert (between.status, between.failure.message) == (StageStatus.QUEUED, BROKEN.message)
    assert store.get(job.id).status is JobStatus.FAILED


def test_a_failure_for_good_cancels_what_waits_and_tells_what_runs(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    leases.commit(begin(leases, job), (), 1.0)
    failing, sibling = begin(leases, job, "dream-01"), begin(leases, job, "style-00")

    leases.fail(failing, BROKEN, retry=False)

    assert store.get(job.id).status is JobStatus.FAILED
    assert job.id in store.active()
    assert leases.record_unit(sibling, UnitReport(0.5)) is Signal.CANCEL
    leases.release(sibling)
    statuses = [stage.status.value for stage in store.stages(job.id)]
    assert statuses == ["succeeded", "failed", "canceled", "canceled", "canceled"]
    assert store.active() == ()


def test_a_failed_attempt_rests_before_the_next(store: JobStore, job: JobRecord) -> None:
    leases = Leases(store.redis, store.prefix, LeaseSettings(seconds=5, attempts=3, pause_seconds=0.3))

    leases.fail(begin(leases, job), BROKEN, retry=True)

    assert store.runnable(job.id) == ()
    assert leases.acquire(job.id, "dream-00", "cpu0@here", "task") is Refusal.NOT_RUNNABLE
    time.sleep(0.35)
    assert store.runnable(job.id) == ("dream-00",)


def test_a_stage_given_back_keeps_its_attempts(store: JobStore, leases: Leases, job: JobRecord) -> None:
    for _ in range(5):
        assert leases.release(begin(leases, job)) == "queued"

    assert store.stage(job.id, "dream-00").attempts == 0
    assert store.get(job.id).status is JobStatus.RUNNING


def test_a_stage_with_fewer_attempts_allowed_than_it_had_is_buried(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    leases.fail(begin(leases, job), BROKEN, retry=True)
    stricter = Leases(store.redis, store.prefix, LeaseSettings(attempts=1))

    assert stricter.acquire(job.id, "dream-00", "cpu0@here", "task") is Refusal.DEAD
    assert store.get(job.id).failure == BROKEN


def test_a_server_that_forgot_its_last_writes_gives_no_token_out_twice(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    first = begin(leases, job)
    leases.release(first)
    store.redis.delete(f"{store.prefix}:fence")
    time.sleep(0.002)

    assert begin(leases, job).token > first.token


def test_what_is_made_again_and_again_is_given_up_though_its_readers_have_attempts_left(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    for reader in ("dream-01", "style-00"):
        leases.commit(begin(leases, job), (), 1.0)
        leases.reopen(begin(leases, job, reader), BROKEN, ["dream-00"])
    leases.commit(begin(leases, job), (), 1.0)
    leases.commit(begin(leases, job, "dream-01"), (), 1.0)
    leases.reopen(begin(leases, job, "style-01"), BROKEN, ["dream-01"])

    leases.reopen(begin(leases, job, "dream-01"), BROKEN, ["dream-00"])

    failed = store.get(job.id)
    assert failed.status is JobStatus.FAILED
    assert failed.failure is not None
    assert failed.failure.message == "gave up: dream-00 made again 2 times and gone each time; the last: it broke"


def test_work_that_is_undone_takes_back_exactly_the_progress_it_gave(
    store: JobStore, leases: Leases, job: JobRecord
) -> None:
    lease = begin(leases, job)
    for third in range(1, 4):
        leases.record_unit(lease, UnitReport(third / 3))
    leases.commit(lease, (), 1.0)

    leases.reopen(begin(leases, job, "style-00"), BROKEN, ["dream-00"])

    assert store.get(job.id).progress == 0
