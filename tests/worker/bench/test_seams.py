"""Tiles of modern dreams on googlenet do not show."""

from collections.abc import Callable

import pytest

from worker.bench.figure import Figure
from worker.bench.seams import SEAM_FIGURES, gradient_error_at_seams
from worker.engine import ascent
from worker.engine.networks import Network


@pytest.mark.slow
@pytest.mark.parametrize("measure", SEAM_FIGURES)
def test_a_figure_meets_its_target(googlenet: Network, measure: Callable[[Network], Figure]) -> None:
    # when
    figure = measure(googlenet)

    # then
    assert figure.holds, figure


@pytest.mark.slow
def test_tiles_without_a_halo_would_be_found_out(googlenet: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(ascent, "HALO", 0.0)

    # when
    figure = gradient_error_at_seams(googlenet)

    # then
    assert figure.figure > 0.3
