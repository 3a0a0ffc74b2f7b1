"""A network small enough for tests."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from worker.engine.networks import Feed, Network, Padding
from worker.engine.networks.convolution import Convolution
from worker.engine.networks.network import InputScale, LayerGeometry

FEEDS: dict[Feed, InputScale] = {
    "trained": InputScale(1.0, (117.0, 117.0, 117.0), bgr=False),
    "original": InputScale(1.0, (0, 0, 0), bgr=False),
}


def tiny_network(name: str = "tiny", layers: tuple[str, str] = ("edges", "shapes")) -> Network:
    """Two random convolutions with a pooling between them."""
    draws = np.random.default_rng(5)
    first = Convolution(tf.constant(draws.normal(0, 0.1, (3, 3, 3, 6)), tf.float32), tf.zeros(6))
    second = Convolution(tf.constant(draws.normal(0, 0.1, (3, 3, 6, 8)), tf.float32), tf.zeros(8))

    def walk(images: tf.Tensor, padding: Padding) -> Iterator[tuple[str, tf.Tensor]]:
        edges = first(images, padding)
        yield layers[0], edges
        yield layers[1], second(tf.nn.max_pool2d(edges, 2, 2, "SAME"))

    geometry = {layers[0]: LayerGeometry(6, 1, 3), layers[1]: LayerGeometry(8, 2, 8)}
    return Network(name, geometry, FEEDS, minimum_size=8, walk=walk)
