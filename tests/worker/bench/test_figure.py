"""A figure is judged by its target."""

import pytest

from worker.bench.figure import Target


@pytest.mark.parametrize(
    ("target", "met", "missed"),
    [
        (Target("at least", 2.0), 2.0, 1.9),
        (Target("more than", 2.0), 2.1, 2.0),
        (Target("at most", 8.0), 8.0, 8.1),
        (Target("less than", 8.0), 7.9, 8.0),
    ],
    ids=str,
)
def test_a_target_is_met_to_its_limit_and_missed_beyond_it(target: Target, met: float, missed: float) -> None:
    assert target.holds(met)
    assert not target.holds(missed)
    assert not target.holds(float("nan"))
