"""Fixtures of the engine's tests: a tiny network, pictures, and the pretrained networks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.worker.tiny import tiny_network
from worker.engine.image import Image, decode_png, fit
from worker.engine.networks import Network, build_network


@pytest.fixture(scope="session")
def tiny() -> Network:
    """Two random convolutions with a pooling between them."""
    return tiny_network()


@pytest.fixture(scope="session")
def picture() -> Image:
    """A small picture with slopes, edges and grain."""
    rows, columns = np.mgrid[0:36, 0:50].astype(np.float32)
    base = np.stack([rows * 6, columns * 4, 255.0 * (np.hypot(rows - 18, columns - 25) < 12)], axis=2)
    return np.clip(base + np.random.default_rng(3).normal(0, 12, base.shape), 0, 255).astype(np.float32)


@pytest.fixture(scope="session")
def pretrained(weights_dir: Path) -> Callable[[str], Network]:
    """Builds a pretrained network, once a session."""
    built: dict[str, Network] = {}

    def build(name: str) -> Network:
        if name not in built:
            with np.load(weights_dir / f"{name}.npz", allow_pickle=False) as tensors:
                built[name] = build_network(name, dict(tensors))
        return built[name]

    return build


@pytest.fixture(scope="session")
def cat(photos_dir: Path) -> Image:
    """The cat, 100 pixels wide."""
    return fit(decode_png((photos_dir / "cat.png").read_bytes()), 100)
