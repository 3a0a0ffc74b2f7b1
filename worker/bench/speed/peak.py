"""The peak: what the device computes at most, and what a step asks of it."""

import math
from collections.abc import Callable, Mapping

import tensorflow as tf

from worker.bench.speed.stopwatch import Work
from worker.engine.image import Size
from worker.engine.networks import Network
from worker.engine.precision import CONVOLVED, Precision

# A product and a convolution as large as a network's, from which a device's peak is read.
SIDE = 1536
MAP, CHANNELS, KERNEL = (75, 100), 256, 3
# Of each in a row: what is over too soon meets less of whatever else the machine does than a step does.
REPEATS = 4

PEAK_OPERATIONS: Mapping[str, float] = {
    "product": REPEATS * 2.0 * SIDE**3,
    "convolution": REPEATS * 2.0 * math.prod(MAP) * KERNEL**2 * CHANNELS**2,
}
"""Additions and multiplications of each work."""


def peak_works(precision: Precision) -> dict[str, Work]:
    """What is nothing but products, by name, to be timed beside a step."""
    kind = CONVOLVED[precision]
    square = tf.cast(tf.random.stateless_uniform((SIDE, SIDE), (1, 2)), kind)
    image = tf.cast(tf.random.stateless_uniform((1, *MAP, CHANNELS), (3, 4)), kind)
    kernel = tf.cast(tf.random.stateless_uniform((KERNEL, KERNEL, CHANNELS, CHANNELS), (5, 6)), kind)
    product = tf.function(lambda: tf.matmul(square, square)[0, 0])
    convolution = tf.function(lambda: tf.nn.conv2d(image, kernel, 1, "SAME")[0, 0, 0, 0])
    return {"product": lambda: _repeat(product), "convolution": lambda: _repeat(convolution)}


def style_operations(network: Network, size: Size) -> float:
    """Additions and multiplications of one step of a style over all layers of a network of 3 x 3 convolutions.

    A convolution is computed twice, forward and for the gradient of its input; so is a Gram matrix. What is not a
    product is not counted.
    """
    total, channels_in = 0.0, 3
    for layer in network.geometry.values():
        positions = math.prod(-(-length // layer.stride) for length in size)
        total += 2 * 2.0 * positions * (KERNEL**2 * channels_in * layer.channels + layer.channels**2)
        channels_in = layer.channels
    return total


def _repeat(compute: Callable[[], tf.Tensor]) -> None:
    for _ in range(REPEATS):
        # A device may still be at work when it has answered; a number can only be read when it is there.
        compute().numpy()
