"""The pictures of the trained networks meet their targets."""

from collections.abc import Callable

import pytest

from worker.bench.figure import Figure
from worker.bench.quality.catalogue import QUALITY_FIGURES
from worker.bench.quality.studio import Studio


@pytest.mark.slow
@pytest.mark.parametrize("measure", QUALITY_FIGURES)
def test_a_figure_meets_its_target(studio: Studio, measure: Callable[[Studio], Figure]) -> None:
    # when
    figure = measure(studio)

    # then
    assert figure.holds, figure
