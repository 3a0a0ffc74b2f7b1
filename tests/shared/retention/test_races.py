"""Sweeps that others cross, or that are cut off: whoever comes to need something in time keeps it."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.errors import ArtifactStoreError
from shared.images import image_key
from shared.results import RESULT
from shared.retention.report import Report
from shared.retention.sweep import Sweeper
from tests.counting import STYLE_IMAGE, counting_plan, counting_spec
from tests.shared.leasing import BROKEN, short_leases
from tests.shared.retention.house import RECORDS_STAY, House


def between(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], object]) -> None:
    """Have something happen just before a step of the next sweep."""
    step = getattr(Sweeper, name)
    left = iter([act])

    def interrupted(*given: Any) -> Any:
        for pending in left:
            pending()
        return step(*given)

    monkeypatch.setattr(Sweeper, name, interrupted)


def test_a_job_that_comes_while_its_results_are_chosen_to_go_finds_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = house.submit()
    house.finish(job)
    between(monkeypatch, "_remove_objects", lambda: house.submit(seed=8))
    spec = counting_spec(4)
    between(monkeypatch, "_remove_condemned", lambda: house.store.create(spec, counting_plan(spec)))

    house.sweep(RECORDS_STAY)

    assert len(house.keys("stages")) == 2 * len(job.plan.stages)


def test_a_stage_whose_result_is_being_removed_is_given_out_once_it_is_gone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.finish(house.submit())
    spec = counting_spec(4)
    seen: list[tuple[str, ...]] = []

    def come() -> None:
        later = house.store.create(spec, counting_plan(spec))[0]
        seen.append(house.store.runnable(later.id))
        seen.append((str(short_leases(house.store).acquire(later.id, "dream-00", "cpu0", "task")),))
        seen.append((later.id,))

    between(monkeypatch, "_delete", come)
    house.sweep(RECORDS_STAY)

    assert seen[:2] == [(), ("not_runnable",)]
    assert house.store.runnable(seen[2][0]) == ("dream-00",)
    assert house.keys("stages") == []


def test_an_image_that_is_named_in_time_stays_and_one_named_too_late_is_said_to_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "sha256:" + 64 * "6"
    for image in (STYLE_IMAGE, other):
        house.artifacts.put(image_key(image), b"image")
    between(monkeypatch, "_remove_objects", lambda: house.store.references.hold([STYLE_IMAGE]))
    refused: list[Exception] = []

    def too_late() -> None:
        with pytest.raises(ArtifactStoreError, match="is being removed just now") as caught:
            house.store.references.hold([STYLE_IMAGE, other])
        refused.append(caught.value)

    between(monkeypatch, "_delete", too_late)
    house.sweep()

    assert house.keys("images") == [image_key(STYLE_IMAGE)]
    assert len(refused) == 1
    house.store.references.hold([other])


def test_a_failed_job_that_is_taken_up_in_time_keeps_its_pictures(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = house.submit()
    short_leases(house.store).fail(house.take(job, "dream-00"), BROKEN, retry=False)
    sweeper = house.sweeper()
    decisions = sweeper.decide()

    def again() -> None:
        house.store.retry(job.id)
        time.sleep(0.002)
        short_leases(house.store).fail(house.take(job, "dream-00"), BROKEN, retry=False)

    monkeypatch.setattr(sweeper, "decide", lambda: (again(), decisions)[1])
    sweeper.sweep()

    assert house.store.get(job.id).pictures_gone_at is None


def test_a_sweep_that_fails_in_the_middle_is_finished_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.finish(house.submit())
    delete, left = type(house.artifacts).delete, iter(range(3))

    def failing(self: Any, key: str) -> None:
        if key.startswith("stages") and next(left, None) is None:
            raise ArtifactStoreError("the disk is away")
        delete(self, key)

    monkeypatch.setattr(type(house.artifacts), "delete", failing)
    with pytest.raises(ArtifactStoreError, match="away"):
        house.sweep()
    monkeypatch.undo()
    left_over = set(house.keys("stages"))
    # Meanwhile the objects are condemned; that runs out.
    for key in house.store.redis.scan_iter(f"{house.store.prefix}:sweep:*"):
        house.store.redis.delete(key)
    house.sweep()

    assert {key.replace(RESULT, "frame.npy") for key in left_over if key.endswith(RESULT)} < left_over
    assert house.keys() == []
    assert house.redis_keys() == set()


def test_a_store_too_slow_to_be_safe_is_asked_for_nothing_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.finish(house.submit())
    monkeypatch.setattr("shared.retention.sweep.BEGIN_SECONDS", -1)

    with pytest.raises(ArtifactStoreError, match="too slow"):
        house.sweep(RECORDS_STAY)

    assert len(house.keys("stages")) == 6


def test_a_sweep_that_is_stopped_leaves_the_rest_to_the_next(house: House) -> None:
    house.finish(house.submit())

    report = replace(house.sweeper(RECORDS_STAY), stop=lambda: True).sweep()

    assert report == Report()
    assert not [key for key in house.redis_keys() if ":sweep:" in key]
    assert len(house.keys("stages")) == 6
