"""What figures are measured on in tests."""

from pathlib import Path

import pytest

from shared.settings import WeightsSettings
from worker.bench.quality.studio import Studio


@pytest.fixture(scope="session")
def studio(weights_dir: Path) -> Studio:
    return Studio(WeightsSettings(dir=weights_dir))
