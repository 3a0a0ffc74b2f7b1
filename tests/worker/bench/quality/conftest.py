"""What figures are measured on in tests."""

from pathlib import Path

import pytest

from shared.settings import WeightsSettings
from worker.bench.quality.studio import Studio
from worker.engine.arithmetic import arithmetic_here


@pytest.fixture(scope="session")
def studio(weights_dir: Path) -> Studio:
    return Studio(WeightsSettings(dir=weights_dir))


@pytest.fixture(scope="session")
def mixed_studio(weights_dir: Path) -> Studio:
    """Makes its pictures in bfloat16, on a device that is fast at it."""
    if arithmetic_here().precision != "mixed":
        pytest.skip("this device emulates bfloat16, which takes its time")
    return Studio(WeightsSettings(dir=weights_dir), "mixed")
