"""What jobs are expected to take of the memory is what they take."""

from pathlib import Path

import pytest

from shared.settings import WeightsSettings
from tests.benchmarks.memory import SMALL, dream, style
from worker.bench.footprint import footprints

# The second takes more than the first: a process' peak tells nothing of what takes less.
JOBS = (
    style((160, 160), style_layers=["conv1_1", "conv2_1"], content_layers=["conv2_1"]),
    dream("vgg16", "conv1_2", SMALL),
)


@pytest.mark.slow
def test_an_estimate_is_within_a_quarter_of_what_a_process_takes(
    weights_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")

    told = footprints(JOBS, WeightsSettings(dir=weights_dir))

    assert [footprint.peak for footprint in told] == pytest.approx([one.estimated for one in told], rel=0.25)
