"""A plateau is seen when losses stand still, and only then."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.engine.errors import SettingsError
from worker.engine.plateau import Plateau

windows = st.integers(1, 20)


@given(steps=windows, made=st.integers(0, 500))
def test_a_level_is_looked_at_behind_whole_windows(steps: int, made: int) -> None:
    # when
    left = Plateau(0.1, steps).until_look(made)

    # then
    assert 1 <= left <= steps
    assert (made + left) % steps == 0


@given(steps=windows, count=st.integers(1, 100))
def test_still_losses_are_a_plateau_behind_two_whole_windows(steps: int, count: int) -> None:
    assert Plateau(0.1, steps).reached(np.full(count, 5.0)) == (count % steps == 0 and count >= 2 * steps)


@given(steps=windows, fall=st.floats(0.001, 0.5), tolerance=st.floats(0.001, 0.5))
def test_losses_that_fall_evenly_are_a_plateau_when_a_window_gains_less_than_the_tolerance(
    steps: int, fall: float, tolerance: float
) -> None:
    # given
    losses = (1.0 - fall) ** np.arange(2 * steps)
    gained = 1.0 - (1.0 - fall) ** steps

    # then
    if abs(gained - tolerance) > 1e-9:
        assert Plateau(tolerance, steps).reached(losses) == (gained < tolerance)


def test_losses_that_rise_are_a_plateau() -> None:
    assert Plateau(0.01, 2).reached(np.array([1.0, 2.0, 3.0, 4.0]))


@pytest.mark.parametrize(("tolerance", "steps"), [(0.0, 5), (1.0, 5), (float("nan"), 5), (0.1, 0)])
def test_a_plateau_that_is_never_or_always_reached_is_refused(tolerance: float, steps: int) -> None:
    with pytest.raises(SettingsError, match=r"plateau (tolerance|steps) is"):
        Plateau(tolerance, steps)
