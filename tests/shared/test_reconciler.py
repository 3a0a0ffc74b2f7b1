"""The reconciler: what nobody works on is put back on its way, what somebody works on is left alone."""

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.broker import QUEUE, Message, StageRef, waiting_messages
from shared.dispatch import dispatch
from shared.jobs.events import read_events
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus, StageStatus
from shared.leases import Lease, Orphan
from shared.reconciler import Decisions, Look, Reconciler, Settling, decide, open_reconciler, run
from shared.settings import LeaseSettings, ReconcilerSettings, RedisSettings, Settings
from tests.shared.jobs.submitting import submit

STAGE = ("job_a", "dream-00")
MANY = 260
"""More than the priorities before the last hold."""
HOUR = 3600
ORPHAN = Orphan("job_a", "dream-00", "1", "cpu0@here", "task", 1)


def test_a_stage_that_is_missing_twice_is_rung_for() -> None:
    first = decide(Look(runnable={STAGE: 0}), frozenset())
    second = decide(Look(runnable={STAGE: 0}), first.missing)

    assert (first.send, second.send) == ((), (STAGE,))
    assert second.missing == frozenset()


def test_a_stage_whose_message_waits_is_left_alone() -> None:
    look = Look(runnable={STAGE: 3}, waiting=(Message(STAGE, 3, ""),))

    assert decide(look, frozenset({STAGE})) == Decisions()


@pytest.mark.parametrize("due", [0, 2, 4, 9])
def test_a_message_to_which_another_priority_is_due_is_moved(due: int) -> None:
    message = Message(STAGE, 3, "")

    assert decide(Look(runnable={STAGE: due}, waiting=(message,)), frozenset()).move == ((message, due),)


def test_the_message_of_a_stage_that_cannot_start_is_left_where_it_is() -> None:
    assert decide(Look(waiting=(Message(STAGE, 3, ""),)), frozenset()) == Decisions()


def test_an_orphan_is_taken_from_its_owner_at_once() -> None:
    assert decide(Look(orphans=(ORPHAN,)), frozenset()).expire == (ORPHAN,)


def test_no_owner_is_called_dead_while_redis_has_only_just_come_up() -> None:
    assert decide(Look(orphans=(ORPHAN,), settling=True), frozenset()).expire == ()


@pytest.mark.parametrize(
    ("readings", "settling"),
    [
        pytest.param([(0, 100, 500)], False, id="long up"),
        pytest.param([(0, 100, 5)], True, id="only just up"),
        pytest.param([(0, 100, 500), (3, 103, 503)], False, id="as ever"),
        pytest.param([(0, 100, 500), (3, 103 + HOUR, 503 + HOUR)], True, id="set ahead"),
        pytest.param([(0, 100, 500), (3, 103 + HOUR, 503), (18, 118 + HOUR, 518)], True, id="set ahead a while ago"),
        pytest.param([(0, 100, 500), (3, 103 + HOUR, 503), (20, 120 + HOUR, 520)], False, id="set ahead long ago"),
        pytest.param([(0, 100, 500), (3, 103 - HOUR, 503 - HOUR)], True, id="set back"),
        pytest.param([(0, 100, 500), (3, 103 - HOUR, 0), (20, 120 - HOUR, 520 - HOUR)], False, id="set back long ago"),
        pytest.param([(0, 100, 500), (20, 134, 534)], False, id="set ahead by less than half a lease"),
    ],
)
def test_half_a_lease_after_a_start_or_a_jump_of_redis_clock_owners_have_renewed(
    readings: list[tuple[float, float, float]], *, settling: bool
) -> None:
    here = iter([at for at, _, _ in readings])
    watched = Settling(lease_seconds=30, clock=lambda: next(here))

    seen = [watched.seen(redis_seconds, uptime_seconds) for _, redis_seconds, uptime_seconds in readings]

    assert seen[-1] is settling


STAGES = st.frozensets(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["dream-00", "dream-01"])))


@given(runnable=STAGES, waiting=STAGES, missing=STAGES)
def test_only_runnable_stages_without_a_message_are_ever_rung_for(
    runnable: frozenset[tuple[str, str]], waiting: frozenset[tuple[str, str]], missing: frozenset[tuple[str, str]]
) -> None:
    messages = tuple(Message(stage, 0, "") for stage in waiting)

    decisions = decide(Look(runnable=dict.fromkeys(runnable, 0), waiting=messages), missing)

    assert set(decisions.send) == (runnable - waiting) & missing
    assert decisions.missing | set(decisions.send) == runnable - waiting


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(
        redis=RedisSettings(url=redis_url),
        lease=LeaseSettings(seconds=0.3, attempts=2, pause_seconds=0),
        reconciler=ReconcilerSettings(every_seconds=0.1),
    )


@pytest.fixture
def reconciler(settings: Settings) -> Iterator[Reconciler]:
    opened = open_reconciler(settings)
    while opened.look().settling:
        time.sleep(0.1)
    yield opened
    opened.queue.close()
    opened.store.redis.close()


@pytest.fixture
def job(reconciler: Reconciler) -> JobRecord:
    return submit(reconciler.store)


def begin(reconciler: Reconciler, job: JobRecord) -> Lease:
    lease = reconciler.leases.acquire(job.id, "dream-00", "cpu0@here", "task")
    assert isinstance(lease, Lease)
    return lease


def rung_for(reconciler: Reconciler) -> list[StageRef]:
    return [message.stage for message in waiting_messages(reconciler.queue)]


def dispatched(reconciler: Reconciler, count: int) -> list[JobRecord]:
    """So many jobs of one owner, each with its message."""
    jobs = [submit(reconciler.store, owner="big") for _ in range(count)]
    for job in jobs:
        dispatch(reconciler.store, reconciler.broker, job.id)
    return jobs


def priorities(reconciler: Reconciler) -> dict[str, int]:
    """In which list the message of each job lies."""
    return {message.stage[0]: message.priority for message in waiting_messages(reconciler.queue)}


def test_messages_move_up_once_what_was_before_them_is_gone(reconciler: Reconciler) -> None:
    first, second, third, fourth = dispatched(reconciler, 4)
    before = priorities(reconciler)

    reconciler.store.cancel(first.id)
    reconciler.store.pause(second.id)
    reconciler.step()

    assert list(before.values()) == [0, 1, 2, 2]
    assert priorities(reconciler) == {first.id: 0, second.id: 1, third.id: 0, fourth.id: 1}
    assert len(rung_for(reconciler)) == 4


def test_a_message_moves_down_again_when_older_jobs_come_back(reconciler: Reconciler) -> None:
    first, second = dispatched(reconciler, 2)
    reconciler.store.pause(first.id)
    reconciler.step()

    reconciler.store.resume(first.id)
    reconciler.step()

    assert priorities(reconciler) == {first.id: 0, second.id: 1}


def test_an_owner_with_more_jobs_than_there_are_priorities_for_is_served_every_other_turn(
    reconciler: Reconciler,
) -> None:
    dispatched(reconciler, MANY)

    served: list[str] = []
    while len(served) < 6:
        if served[-1:] != ["big"]:
            dispatch(reconciler.store, reconciler.broker, submit(reconciler.store, owner="rival").id)
        first = waiting_messages(reconciler.queue)[0]
        assert first.priority == 0
        reconciler.queue.rpop(QUEUE)
        served.append(reconciler.store.cancel(first.stage[0]).owner)
        reconciler.step()

    assert served == ["big", "rival", "big", "rival", "big", "rival"]
    assert len(rung_for(reconciler)) == MANY - 3


def test_a_job_whose_message_was_lost_is_rung_for_once(reconciler: Reconciler, job: JobRecord) -> None:
    for _ in range(5):
        reconciler.step()

    assert rung_for(reconciler) == [(job.id, "dream-00")]


def test_a_stage_that_is_owned_is_left_alone(reconciler: Reconciler, job: JobRecord) -> None:
    lease = begin(reconciler, job)

    for _ in range(6):
        reconciler.step()
        reconciler.leases.renew(lease)
        time.sleep(0.1)

    assert reconciler.leases.commit(lease, (), 1.0)


def test_a_stage_of_a_dead_worker_is_queued_and_rung_for_in_one_step(reconciler: Reconciler, job: JobRecord) -> None:
    begin(reconciler, job)
    time.sleep(0.35)

    reconciler.step()

    stage = reconciler.store.stage(job.id, "dream-00")
    types = [event.type for event in read_events(reconciler.store.redis, reconciler.store.events_key(job.id))]
    assert (stage.status, stage.attempts) == (StageStatus.QUEUED, 1)
    assert types[-2:] == ["stage.lost", "stage.queued"]
    assert rung_for(reconciler) == [(job.id, "dream-00")]


def test_a_canceling_job_whose_worker_died_is_canceled(reconciler: Reconciler, job: JobRecord) -> None:
    begin(reconciler, job)
    reconciler.store.cancel(job.id)
    time.sleep(0.35)

    reconciler.step()

    assert reconciler.store.get(job.id).status is JobStatus.CANCELED
    assert rung_for(reconciler) == []


def test_a_job_that_is_removed_right_after_its_last_stage_was_lost_is_no_fault(
    reconciler: Reconciler, job: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(reconciler, job)
    reconciler.store.cancel(job.id)
    reconciler.store.redis.delete(f"{reconciler.store.prefix}:lease:{job.id}:dream-00")
    expire = reconciler.leases.expire

    def expire_and_remove(orphan: Orphan) -> str:
        outcome = expire(orphan)
        reconciler.store.retire(job.id)
        assert reconciler.store.forget(job.id)
        return outcome

    monkeypatch.setattr(reconciler.leases, "expire", expire_and_remove)

    assert reconciler.step()
    assert reconciler.store.active() == ()


def test_of_two_reconcilers_one_acts_until_it_is_gone(reconciler: Reconciler, settings: Settings) -> None:
    other = open_reconciler(settings)

    assert [reconciler.step(), other.step(), reconciler.step()] == [True, False, True]
    reconciler.resign()
    time.sleep(0.01)
    assert other.step()
    time.sleep(0.35)
    assert reconciler.step()

    other.queue.close()
    other.store.redis.close()


def test_the_loop_rings_for_what_is_missing_and_ends_when_asked(
    reconciler: Reconciler, settings: Settings, job: JobRecord
) -> None:
    stop = threading.Event()
    loop = threading.Thread(target=run, args=(settings, stop))

    loop.start()
    time.sleep(1)
    stop.set()
    loop.join(5)

    time.sleep(0.01)

    assert not loop.is_alive()
    assert rung_for(reconciler) == [(job.id, "dream-00")]
    assert reconciler.step()
