"""The job store: what clients ask for is taken in once, found again, and changed only as the table allows."""

import socket
import time

import pytest
import redis

from shared.equipment import Equipment
from shared.errors import ConflictError, NotFoundError, SpecError, StoreUnavailableError
from shared.jobs.events import read_events
from shared.jobs.identity import new_job_id
from shared.jobs.status import JobStatus, StageStatus
from shared.jobs.store import JobStore, open_store
from shared.leases import Lease, Leases
from shared.settings import RedisSettings, Settings
from tests.counting import counting_plan, counting_spec
from tests.shared.jobs.submitting import submit


def begin(leases: Leases, job_id: str, stage_id: str = "dream-00") -> Lease:
    lease = leases.acquire(job_id, stage_id, "cpu0@here", "task")
    assert isinstance(lease, Lease)
    return lease


def finish(store: JobStore, leases: Leases, job_id: str) -> None:
    while runnable := store.runnable(job_id):
        for stage_id in runnable:
            leases.commit(begin(leases, job_id, stage_id), (), 1.0)


def event_types(store: JobStore, job_id: str) -> list[str]:
    return [event.type for event in read_events(store.redis, store.events_key(job_id))]


def test_a_job_is_found_as_it_was_taken_in(store: JobStore) -> None:
    spec = counting_spec(4, 5, name="cats")
    plan = counting_plan(spec)

    job, created = store.create(spec, plan)

    assert created
    assert (job.spec, job.plan, job.name) == (spec, plan, "cats")
    assert (job.status, job.progress, job.stages_done, job.stages_total) == (JobStatus.QUEUED, 0.0, 0, 5)
    assert job == store.get(job.id)
    assert [stage.id for stage in store.stages(job.id)] == [stage.id for stage in plan.stages]
    assert event_types(store, job.id) == ["job.created"]


def test_a_job_nobody_took_in_is_not_found(store: JobStore) -> None:
    for ask in (store.get, store.stages, store.cancel, store.pause, store.resume, store.retry):
        with pytest.raises(NotFoundError, match="no job 'job_none'"):
            ask("job_none")


def test_a_stage_that_the_plan_does_not_have_is_not_found(store: JobStore) -> None:
    job = submit(store)

    with pytest.raises(NotFoundError, match="its stages are dream-00, dream-01, style-00"):
        store.stage(job.id, "dream-99")


def test_the_same_key_with_the_same_spec_finds_the_job_of_that_time(store: JobStore) -> None:
    spec = counting_spec()
    first, created_first = store.create(spec, counting_plan(spec), idempotency_key="k")

    second, created_second = store.create(spec, counting_plan(spec), idempotency_key="k")

    assert (created_first, created_second) == (True, False)
    assert second.id == first.id
    assert len(store.page(None, None, 10)[0]) == 1


def test_the_same_key_with_another_spec_is_a_conflict(store: JobStore) -> None:
    submit(store, key="k")

    with pytest.raises(ConflictError, match="'k' was used for job job_"):
        submit(store, name="another", key="k")


def test_a_creation_sent_twice_creates_one_job(store: JobStore) -> None:
    spec = counting_spec()

    for _ in range(2):
        store.create(spec, counting_plan(spec), job_id="job_a")

    assert [job.id for job in store.page()[0]] == ["job_a"]
    assert event_types(store, "job_a") == ["job.created"]


def test_names_made_later_sort_later_and_never_repeat() -> None:
    first = new_job_id()
    time.sleep(0.002)

    later = {new_job_id() for _ in range(1000)}

    assert len(later) == 1000
    assert all(first < name for name in later)


def test_pages_go_through_all_jobs_newest_first(store: JobStore) -> None:
    jobs = [submit(store, seed=seed).id for seed in range(7)]

    pages: list[list[str]] = []
    cursor: str | None = None
    while True:
        found, cursor = store.page(None, cursor, 3)
        pages.append([job.id for job in found])
        if cursor is None:
            break

    assert pages == [jobs[6:3:-1], jobs[3:0:-1], jobs[:1]]


def test_a_page_of_one_status_has_no_other(store: JobStore) -> None:
    jobs = [submit(store, seed=seed).id for seed in range(4)]
    store.cancel(jobs[1])
    store.cancel(jobs[3])

    canceled, _ = store.page(JobStatus.CANCELED, None, 10)
    queued, _ = store.page(JobStatus.QUEUED, None, 10)

    assert [job.id for job in canceled] == [jobs[3], jobs[1]]
    assert [job.id for job in queued] == [jobs[2], jobs[0]]


def test_a_cursor_of_somebodys_own_making_is_refused(store: JobStore) -> None:
    with pytest.raises(SpecError, match="'abc' is not a cursor"):
        store.page(None, "abc", 10)


def test_canceling_a_queued_job_ends_it_at_once(store: JobStore) -> None:
    job = submit(store)

    canceled = store.cancel(job.id)

    assert canceled.status is JobStatus.CANCELED
    assert canceled.finished_at is not None
    assert {stage.status for stage in store.stages(job.id)} == {StageStatus.CANCELED}
    assert store.runnable(job.id) == ()
    assert store.active() == ()


def test_canceling_twice_does_no_harm(store: JobStore, leases: Leases) -> None:
    waiting, running = submit(store), submit(store)
    begin(leases, running.id)

    for job in (waiting, running):
        assert store.cancel(job.id) == store.cancel(job.id)
    assert event_types(store, running.id).count("job.canceling") == 1


def test_what_has_ended_otherwise_cannot_be_canceled(store: JobStore, leases: Leases) -> None:
    job = submit(store)
    finish(store, leases, job.id)

    with pytest.raises(ConflictError, match="is succeeded and cannot be canceled"):
        store.cancel(job.id)


def test_a_paused_job_gives_out_nothing_until_it_is_resumed(store: JobStore) -> None:
    job = submit(store)

    paused = store.pause(job.id)
    nothing = store.runnable(job.id)
    resumed = store.resume(job.id)

    assert (paused.status, nothing) == (JobStatus.PAUSED, ())
    assert (resumed.status, store.runnable(job.id)) == (JobStatus.QUEUED, ("dream-00",))
    assert store.pause(job.id) == store.pause(job.id)


def test_canceling_a_paused_job_ends_it(store: JobStore) -> None:
    job = submit(store)
    store.pause(job.id)

    assert store.cancel(job.id).status is JobStatus.CANCELED
    with pytest.raises(ConflictError, match="is canceled and cannot be resumed"):
        store.resume(job.id)


def test_what_any_worker_has_is_known_networks_in_the_order_of_auto(store: JobStore) -> None:
    store.report_equipment("cpu0@a", Equipment(("vgg16",), ("video",)))
    store.report_equipment("cpu0@b", Equipment(("vgg16", "googlenet")))

    assert store.equipment() == Equipment(("googlenet", "vgg16"), ("video",))


def test_a_worker_that_loses_what_it_had_says_so_with_its_next_report(store: JobStore) -> None:
    store.report_equipment("cpu0@a", Equipment(("vgg16",), ("video",)))

    store.report_equipment("cpu0@a", Equipment())

    assert store.equipment() == Equipment()


def test_while_no_worker_has_told_what_it_has_nothing_is_known(store: JobStore) -> None:
    assert store.equipment() is None


def test_events_are_read_from_where_a_client_left_off(store: JobStore, leases: Leases) -> None:
    job = submit(store)
    begin(leases, job.id)
    key = store.events_key(job.id)
    seen = read_events(store.redis, key)

    store.cancel(job.id)

    assert [event.type for event in seen] == ["job.created", "job.running", "stage.running"]
    behind = [event.type for event in read_events(store.redis, key, after=seen[-1].id)]
    assert behind == [*4 * ["stage.canceled"], "job.canceling"]
    assert read_events(store.redis, "nothing here") == []


@pytest.mark.parametrize("hung", [False, True])
def test_a_redis_that_is_away_or_hung_is_told_within_three_seconds(*, hung: bool) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if hung:
            server.listen(8)
        store = open_store(Settings(redis=RedisSettings(url=f"redis://127.0.0.1:{server.getsockname()[1]}/0")))

        began = time.monotonic()
        with pytest.raises(StoreUnavailableError, match="Redis does not serve"):
            store.get("job_a")

        assert time.monotonic() - began < 3
        store.redis.close()


def test_a_full_redis_takes_nothing_in_and_says_so(store: JobStore) -> None:
    store.redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailableError, match="not full"):
            submit(store)
    finally:
        store.redis.config_set("maxmemory", "0")

    assert store.page()[0] == ()


def test_a_connection_that_was_dropped_is_not_noticed(store: JobStore, redis_url: str) -> None:
    job = submit(store)
    with redis.Redis.from_url(redis_url) as other:
        other.client_kill_filter(_type="normal", skipme=True)

    assert store.get(job.id).id == job.id
