"""Dispatch and broker: one message a runnable stage, found again while it waits, refused in time."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.broker import TASKS, celery_app, connect_broker, waiting_messages
from shared.dispatch import dispatch, kind_of
from shared.errors import StoreUnavailableError
from shared.jobs.records import JobRecord
from shared.jobs.store import JobStore, open_store
from shared.plan.records import StageKind
from shared.settings import RedisSettings, Settings
from tests.counting import counting_plan, counting_spec


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
    spec = counting_spec(4, 5)
    return store.create(spec, counting_plan(spec))[0]


def waiting(settings: Settings) -> frozenset[tuple[str, str]]:
    with connect_broker(settings) as client:
        return waiting_messages(client)


def test_a_new_job_is_rung_for_where_it_can_start(settings: Settings, store: JobStore, job: JobRecord) -> None:
    sent = dispatch(store, celery_app(settings), job.id)

    assert sent == ("dream-00",)
    assert waiting(settings) == {(job.id, "dream-00")}


def test_only_the_stages_asked_for_are_rung_for(settings: Settings, store: JobStore, job: JobRecord) -> None:
    dispatch(store, celery_app(settings), job.id, ["dream-01", "style-00", "animate"])

    assert waiting(settings) == {(job.id, "dream-01"), (job.id, "style-00"), (job.id, "animate")}


def test_messages_of_others_are_passed_over(settings: Settings) -> None:
    with connect_broker(settings) as client:
        client.lpush("dreamqueue", "no json", '{"body": "bm90IGpzb24="}', "{}", '{"body": "W1tdLCB7fV0="}')

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
