"""Every speed figure is measured, over a course of any length."""

import math
import time
from typing import Any

import pytest

from shared.artifacts.directory import DirectoryStore
from worker.bench.figure import Figure
from worker.bench.speed import peak
from worker.bench.speed.catalogue import MEASUREMENTS
from worker.bench.speed.course import Course
from worker.bench.speed.reports import report_figures


@pytest.fixture(scope="module")
def figures(course: Course) -> tuple[Figure, ...]:
    """All of them, measured once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DREAMQUEUE_WORKER__UNIT_SECONDS", "0.01")
        patch.setattr(peak, "SIDE", 64)
        return tuple(figure for measure in MEASUREMENTS for figure in measure(course))


def test_every_figure_has_a_number_of_its_own_or_shares_it_with_its_neighbours(figures: tuple[Figure, ...]) -> None:
    numbers = [int(figure.id.removeprefix("V")) for figure in figures]

    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 13))
    assert all(math.isfinite(figure.figure) and figure.figure >= 0 for figure in figures)


def test_frames_and_tiles_of_any_size_need_the_traces_of_one(figures: tuple[Figure, ...]) -> None:
    counted = [figure for figure in figures if figure.id == "V9"]

    assert len(counted) == 2
    assert all(figure.figure >= 1 and figure.holds for figure in counted)


def test_a_store_that_takes_its_time_is_found_out(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setenv("DREAMQUEUE_WORKER__UNIT_SECONDS", "0.01")
    put = DirectoryStore.put

    def slow(*arguments: Any) -> None:
        time.sleep(0.02)
        put(*arguments)

    monkeypatch.setattr(DirectoryStore, "put", slow)

    # when
    telling, keeping = report_figures(course)

    # then: one preview, and a checkpoint a unit
    assert not telling.holds
    assert keeping.figure > 0.2
