"""Dispatch and broker: one message a runnable stage, found again while it waits, refused in time."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.broker import (
    PRIORITIES,
    QUEUE,
    TASKS,
    Message,
    celery_app,
    connect_broker,
    move,
    waiting_messages,
)
from shared.dispatch import dispatch, kind_of, priority_of
from shared.errors import StoreUnavailableError
from shared.jobs.records import JobRecord
from shared.jobs.store import JobStore, open_store
from shared.plan.records import StageKind
from shared.settings import RedisSettings, Settings
from tests.shared.jobs.submitting import submit
from tests.shared.leasing import begin, short_leases


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis=RedisSettings(url=redis_url))


@pytest.fixture
def store(settings: Settings) -> Iterator[JobStore]:
    opened = open_store(settings)
    yield opened
    opened.redis.close()


@pytest.fixture
def job(store: JobStore) -> JobRecord:
    return submit(store)


def waiting(settings: Settings) -> frozenset[tuple[str, str]]:
    return frozenset(message.stage for message in messages(settings))


def messages(settings: Settings) -> tuple[Message, ...]:
    with connect_broker(settings) as client:
        return waiting_messages(client)


def test_a_new_job_is_rung_for_where_it_can_start(settings: Settings, store: JobStore, job: JobRecord) -> None:
    sent = dispatch(store, celery_app(settings), job.id)

    assert sent == ("dream-00",)
    assert waiting(settings) == {(job.id, "dream-00")}


def test_of_the_stages_asked_for_those_are_rung_for_that_could_start(
    settings: Settings, store: JobStore, job: JobRecord
) -> None:
    leases = short_leases(store)
    leases.commit(begin(leases, job), (), 1.0)

    sent = dispatch(store, celery_app(settings), job.id, ["style-00", "animate"])

    assert sent == ("style-00",)
    assert waiting(settings) == {(job.id, "style-00")}


@given(ranks=st.lists(st.integers(min_value=0, max_value=10**6), min_size=2, max_size=2).map(sorted))
def test_a_better_rank_never_has_a_worse_priority(ranks: list[int]) -> None:
    better, worse = map(priority_of, ranks)

    assert PRIORITIES[0] <= better <= worse <= PRIORITIES[-1]


def test_each_priority_holds_twice_as_many_ranks_as_the_one_before() -> None:
    held = Counter(priority_of(rank) for rank in range(2**8))

    assert list(held.items()) == [(0, 1), *((priority, 2 ** (priority - 1)) for priority in range(1, 9))]
    assert {priority_of(rank) for rank in (2**8, 10**4, 10**9)} == {9}


def test_owners_take_turns_however_many_jobs_one_of_them_has(settings: Settings, store: JobStore) -> None:
    broker = celery_app(settings)
    big = [submit(store, owner="big") for _ in range(5)]
    for job in big:
        dispatch(store, broker, job.id)
    small = [submit(store, owner="small") for _ in range(2)]
    for job in small:
        dispatch(store, broker, job.id)

    taken = [message.stage[0] for message in messages(settings)]

    assert taken == [job.id for job in (big[0], small[0], big[1], small[1], *big[2:])]


def test_the_second_stage_of_a_job_does_not_go_before_anybodys_first(settings: Settings, store: JobStore) -> None:
    broker, leases = celery_app(settings), short_leases(store)
    big = submit(store, owner="big")
    leases.commit(begin(leases, big), (), 1.0)
    dispatch(store, broker, big.id)
    small = submit(store, owner="small")
    dispatch(store, broker, small.id)

    taken = [message.stage for message in messages(settings)]

    assert taken == [(big.id, "dream-01"), (small.id, "dream-00"), (big.id, "style-00")]


def test_a_message_that_moves_stays_the_same_and_is_not_doubled(
    settings: Settings, store: JobStore, job: JobRecord
) -> None:
    dispatch(store, celery_app(settings), job.id)
    (message,) = messages(settings)

    with connect_broker(settings) as client:
        outcomes = [move(client, message, priority) for priority in (5, 7)]

    assert outcomes == [True, False]
    assert messages(settings) == (replace(message, priority=5),)


def test_messages_of_others_are_passed_over(settings: Settings) -> None:
    with connect_broker(settings) as client:
        client.lpush(QUEUE, "no json", '{"body": "bm90IGpzb24="}', "{}", '{"body": "W1tdLCB7fV0="}')

    assert waiting(settings) == frozenset()


def test_every_planned_stage_has_a_task_of_its_kind(job: JobRecord) -> None:
    assert {kind_of(stage.id): TASKS[stage.kind] for stage in job.plan.stages} == {
        kind: f"dreamqueue.{kind.value}" for kind in StageKind
    }
    assert all(kind_of(stage.id) is stage.kind for stage in job.plan.stages)


def test_a_broker_that_is_away_is_told_within_three_seconds(store: JobStore, job: JobRecord, tmp_path: Path) -> None:
    nobody = Settings(redis=RedisSettings(broker_url="redis://127.0.0.1:1/0"), data_dir=tmp_path)

    began = time.monotonic()
    with pytest.raises(StoreUnavailableError, match="the broker does not answer"):
        dispatch(store, celery_app(nobody), job.id)

    assert time.monotonic() - began < 3
