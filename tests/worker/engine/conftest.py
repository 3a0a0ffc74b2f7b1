"""Fixtures of the engine's tests: a tiny network, pictures, and the pretrained networks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from worker.engine.image import Image, decode_png, fit
from worker.engine.networks import Feed, Network, Padding, build_network
from worker.engine.networks.convolution import Convolution
from worker.engine.networks.network import InputScale, LayerGeometry

FEEDS: dict[Feed, InputScale] = {
    "trained": InputScale(1.0, (117.0, 117.0, 117.0), bgr=False),
    "original": InputScale(1.0, (0, 0, 0), bgr=False),
}


@pytest.fixture(scope="session")
def tiny() -> Network:
    """Two random convolutions with a pooling between them."""
    draws = np.random.default_rng(5)
    first = Convolution(tf.constant(draws.normal(0, 0.1, (3, 3, 3, 6)), tf.float32), tf.zeros(6))
    second = Convolution(tf.constant(draws.normal(0, 0.1, (3, 3, 6, 8)), tf.float32), tf.zeros(8))

    def walk(images: tf.Tensor, padding: Padding) -> Iterator[tuple[str, tf.Tensor]]:
        edges = first(images, padding)
        yield "edges", edges
        yield "shapes", second(tf.nn.max_pool2d(edges, 2, 2, "SAME"))

    geometry = {"edges": LayerGeometry(6, 1, 3), "shapes": LayerGeometry(8, 2, 8)}
    return Network("tiny", geometry, FEEDS, minimum_size=8, walk=walk)


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
