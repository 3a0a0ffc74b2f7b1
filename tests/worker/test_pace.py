"""Pace: time left follows from the speed of this attempt, and Flower is told in words."""

import pytest

from worker.pace import Pace, Sparingly, progress_text


class Clock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def test_time_left_is_unknown_before_any_progress() -> None:
    assert Pace(0.0, 0.5, Clock()).eta_seconds(0.5) is None


def test_time_left_follows_from_this_attempts_speed_alone() -> None:
    clock = Clock()
    pace = Pace(1000.0, 0.5, clock)

    clock.now += 10

    assert pace.eta_seconds(0.6) == pytest.approx(40.0)
    assert pace.seconds == pytest.approx(1010.0)


def test_sparingly_says_yes_once_in_its_time() -> None:
    clock = Clock()
    sparingly = Sparingly(1.0, clock)

    answers = []
    for _ in range(5):
        answers.append(sparingly.now())
        clock.now += 0.5

    assert answers == [True, False, True, False, True]


def test_what_rests_says_no_for_as_long() -> None:
    # given
    clock = Clock()
    sparingly = Sparingly(1.0, clock)
    sparingly.now()

    # when
    sparingly.rest(3.0)

    # then
    answers = []
    for _ in range(4):
        clock.now += 1.0
        answers.append(sparingly.now())
    assert answers == [False, False, True, True]


@pytest.mark.parametrize(
    ("progress", "detail", "eta_seconds", "text"),
    [
        (0.427, "mixed4c | octave 3/5", 18.4, "42% | mixed4c | octave 3/5 | 18 s left"),
        (0.0, "", None, "0%"),
        (0.5, "conv3_1", 600.0, "50% | conv3_1 | 10 min left"),
        (0.01, "conv3_1", 9000.0, "1% | conv3_1 | 2.5 h left"),
    ],
)
def test_progress_is_told_in_words(progress: float, detail: str, eta_seconds: float | None, text: str) -> None:
    assert progress_text(progress, detail, eta_seconds) == text
