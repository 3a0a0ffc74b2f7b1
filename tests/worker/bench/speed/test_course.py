"""What is asked of a time follows the gain that a device has."""

from dataclasses import replace

import pytest

from worker.bench.speed.course import Course


@pytest.mark.parametrize(("gain", "step", "chain"), [(1.0, 1.0, 1.0), (2.0, 0.755, 0.868), (8.0, 1 / 5.3, 14 / 25)])
def test_the_design_is_met_where_its_device_is(course: Course, gain: float, step: float, chain: float) -> None:
    faster = replace(course, gain=gain)

    assert faster.asked(1.0).limit == pytest.approx(step, abs=0.001)
    assert faster.asked(1.0, 0.54).limit == pytest.approx(chain, abs=0.005)
