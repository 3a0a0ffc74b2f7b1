"""How a stage's progress looks in Flower."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.flower.progress import BAR_CELLS, FULL, bar, bar_line, running_seconds, shown_task


@dataclass
class Task:
    """The fields of Celery's record that the page shows."""

    state: str = "STARTED"
    result: str | None = None
    exception: str | None = None
    started: float | None = None
    runtime: float | None = None


@given(st.floats(0, 1))
def test_a_bar_is_always_equally_long_and_full_only_at_the_end(fraction: float) -> None:
    drawn = bar(fraction)

    assert len(drawn) == BAR_CELLS
    assert (drawn == FULL * BAR_CELLS) == (fraction == 1.0)


@given(st.text())
def test_any_text_at_all_can_be_shown(text: str) -> None:
    assert isinstance(bar_line(text), str)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("42% | mixed4c | octave 3/5 | 18 s left", "▰▰▰▰▱▱▱▱▱▱ 42%  18 s left · mixed4c · octave 3/5"),
        ("'7% | step 7/100'", "▰▱▱▱▱▱▱▱▱▱ 7%  step 7/100"),
        ("99%", "▰▰▰▰▰▰▰▰▰▱ 99%"),
        ("LeaseLostError('x')", "LeaseLostError('x')"),
        ("", ""),
        (None, None),
    ],
)
def test_a_progress_text_becomes_a_bar_and_other_text_stays(text: str | None, shown: str | None) -> None:
    assert bar_line(text) == shown


@pytest.mark.parametrize("state", ["STARTED", "PROGRESS"])
def test_a_running_stage_keeps_the_state_that_can_be_terminated_and_shows_its_time(state: str) -> None:
    task: Any = shown_task(Task(state=state, result="10% | conv1_1", started=1.0))

    assert task.state == "STARTED"
    assert task.runtime > 0
    assert task.result.endswith("10%  conv1_1")


def test_a_finished_stage_has_a_full_bar_and_a_failed_one_its_reason() -> None:
    done = shown_task(Task(state="SUCCESS", result="None", runtime=3.0))
    failed = shown_task(Task(state="FAILURE", result="42% | mixed4c", exception="out of memory"))

    assert (done.result, done.runtime) == ("▰▰▰▰▰▰▰▰▰▰ 100%", 3.0)
    assert failed.result == "out of memory"


def test_a_stage_whose_start_is_not_known_has_no_running_time() -> None:
    assert running_seconds(None, 5.0) is None
    assert running_seconds(7.0, 5.0) == 0.0
