"""Modern dreams on googlenet meet their quality targets."""

from collections.abc import Callable

import pytest

from worker.bench.dreams import DREAM_FIGURES
from worker.bench.figure import Figure, Target
from worker.engine.networks import Network


@pytest.mark.slow
@pytest.mark.parametrize("measure", DREAM_FIGURES)
def test_a_figure_meets_its_target(googlenet: Network, measure: Callable[[Network], Figure]) -> None:
    # when
    figure = measure(googlenet)

    # then
    assert figure.holds, figure


@pytest.mark.parametrize(
    ("target", "met", "missed"), [(Target("at least", 2.0), 2.0, 1.9), (Target("at most", 8.0), 8.0, 8.1)]
)
def test_a_target_is_met_at_its_limit_and_missed_beyond_it(target: Target, met: float, missed: float) -> None:
    assert target.holds(met)
    assert not target.holds(missed)
    assert not target.holds(float("nan"))
