"""The peak: what the device computes at most, and what a step asks of it."""

import math
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import tensorflow as tf

from worker.bench.speed.stopwatch import Laps, Work, side_by_side
from worker.engine.image import Size
from worker.engine.networks import Network
from worker.engine.precision import CONVOLVED, Precision

# A product and a convolution as large as a network's, from which a device's peak is read.
SIDE = 1536
MAP, CHANNELS, KERNEL = (75, 100), 256, 3
# Of each in a row: what is over too soon meets less of whatever else the machine does than a step does.
REPEATS = 4

# How often both precisions are timed to compare them.
ROUNDS = 5


@dataclass(frozen=True)
class Operations:
    """Additions and multiplications of one step.

    Attributes:
        convolutions: computed in the network's precision.
        grams: of Gram matrices, which are computed in float32.
    """

    convolutions: float
    grams: float


def peak_works(precision: Precision) -> dict[str, Work]:
    """What is nothing but products, by name, to be timed beside a step."""
    kind = CONVOLVED[precision]
    square = tf.cast(tf.random.stateless_uniform((SIDE, SIDE), (1, 2)), kind)
    image = tf.cast(tf.random.stateless_uniform((1, *MAP, CHANNELS), (3, 4)), kind)
    kernel = tf.cast(tf.random.stateless_uniform((KERNEL, KERNEL, CHANNELS, CHANNELS), (5, 6)), kind)
    product = tf.function(lambda: tf.matmul(square, square)[0, 0])
    convolution = tf.function(lambda: tf.nn.conv2d(image, kernel, 1, "SAME")[0, 0, 0, 0])
    works = {"product": lambda: _repeat(product), "convolution": lambda: _repeat(convolution)}
    return {f"{name} in {precision}": work for name, work in works.items()}


def peak_rates(laps: Mapping[str, Laps], precision: Precision) -> list[float]:
    """Operations a second that the faster of those works reached, a round each."""
    product, convolution = (laps[f"{name} in {precision}"].rounds for name in ("product", "convolution"))
    return [
        max(REPEATS * 2.0 * SIDE**3 / one, REPEATS * 2.0 * math.prod(MAP) * KERNEL**2 * CHANNELS**2 / other)
        for one, other in zip(product, convolution, strict=True)
    ]


def gain_over_float32(precision: Precision) -> float:
    """How many times as many operations a second the device makes in a precision as in float32."""
    if precision == "float32":
        return 1.0
    laps = side_by_side({**peak_works("float32"), **peak_works(precision)}, ROUNDS)
    pairs = zip(peak_rates(laps, precision), peak_rates(laps, "float32"), strict=True)
    return statistics.median(rate / exact for rate, exact in pairs)


def style_operations(network: Network, size: Size) -> Operations:
    """Those of one step of a style over all layers of a network of 3 x 3 convolutions.

    A convolution is computed twice, forward and for the gradient of its input; so is a Gram matrix. What is not a
    product is not counted.
    """
    convolutions, grams, channels_in = 0.0, 0.0, 3
    for layer in network.geometry.values():
        positions = math.prod(-(-length // layer.stride) for length in size)
        convolutions += 2 * 2.0 * positions * KERNEL**2 * channels_in * layer.channels
        grams += 2 * 2.0 * positions * layer.channels**2
        channels_in = layer.channels
    return Operations(convolutions, grams)


def _repeat(compute: Callable[[], tf.Tensor]) -> None:
    for _ in range(REPEATS):
        # A device may still be at work when it has answered; a number can only be read when it is there.
        compute().numpy()
