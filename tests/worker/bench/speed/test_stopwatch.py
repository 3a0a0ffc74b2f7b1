"""Works are timed side by side."""

import pytest

from worker.bench.speed.stopwatch import Laps, side_by_side


def test_every_work_is_done_once_a_round_and_once_before_them() -> None:
    # given
    done: list[str] = []

    # when
    laps = side_by_side({"one": lambda: done.append("one"), "other": lambda: done.append("other")}, rounds=2)

    # then
    assert done == ["one", "other"] * 3
    assert [len(of_one.rounds) for of_one in laps.values()] == [2, 2]


def test_a_round_in_which_the_machine_was_busy_does_not_tell_on_the_ratio() -> None:
    # given: the second round met something else
    one, other = Laps(9.0, (1.0, 30.0, 1.1)), Laps(9.0, (2.0, 60.0, 2.2))

    # then
    assert one.over(other) == pytest.approx(0.5)
    assert one.usual == 1.1
