"""The network that figures are measured on."""

from pathlib import Path

import numpy as np
import pytest

from worker.engine.networks import Network, build_network


@pytest.fixture(scope="session")
def googlenet(weights_dir: Path) -> Network:
    with np.load(weights_dir / "googlenet.npz", allow_pickle=False) as tensors:
        return build_network("googlenet", dict(tensors))
