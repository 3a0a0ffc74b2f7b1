"""Tiles that would show are found out."""

import pytest

from worker.bench.quality.seams import gradient_error_at_seams
from worker.bench.quality.studio import Studio
from worker.engine import ascent


@pytest.mark.slow
def test_tiles_without_a_halo_would_be_found_out(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(ascent, "HALO", 0.0)

    # when
    figure = gradient_error_at_seams(studio)

    # then
    assert figure.figure > 0.3
