"""Convolutions whose gradient is a convolution of our own."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from worker.engine.networks import Padding
from worker.engine.networks.convolution import Convolution

# As far from the truth as bfloat16's eight digits allow, and no further.
ROUNDING = 0.004


def convolution(side: int, kind: tf.DType = tf.float32, margin: int | None = None) -> Convolution:
    numbers = np.random.default_rng(side)
    kernel = tf.constant(numbers.normal(0.0, 0.1, (side, side, 24, 16)), kind)
    return Convolution(kernel, tf.constant(numbers.normal(0.0, 0.1, 16), kind), margin=margin)


def gradient(layer: Convolution, images: tf.Tensor, padding: Padding) -> Any:
    """Of the squares of what the layer tells."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        seen = tf.reduce_sum(tf.cast(layer(images, padding), tf.float32) ** 2)
    return tape.gradient(seen, images)


@pytest.mark.parametrize("padding", ["zeros", "replicate"])
@pytest.mark.parametrize(("side", "margin"), [(1, None), (3, None), (5, None), (3, 2)])
def test_a_compiled_gradient_is_that_of_tensorflow(padding: Padding, side: int, margin: int | None) -> None:
    # given
    layer = convolution(side, margin=margin)
    images = tf.constant(np.random.default_rng(1).normal(size=(2, 9, 12, 24)), tf.float32)

    # when
    compiled = tf.function(lambda images: gradient(layer, images, padding))(images)

    # then: eagerly, it is TensorFlow's
    np.testing.assert_allclose(compiled, gradient(layer, images, padding), rtol=1e-4, atol=1e-4)


def test_a_gradient_in_bfloat16_is_as_exact_as_its_digits() -> None:
    # given: kernel and slopes that bfloat16 has, and sums of many
    layer = convolution(3, tf.bfloat16)
    images = tf.cast(np.random.default_rng(1).normal(size=(1, 24, 24, 24)), tf.bfloat16)
    slopes = tf.cast(np.random.default_rng(2).normal(size=(1, 24, 24, 16)), tf.bfloat16)

    def pulled(images: tf.Tensor) -> tuple[Any, tf.Tensor]:
        seen = layer(images)
        return tf.gradients(seen, images, slopes)[0], seen

    # when
    found, seen = tf.function(pulled)(images)

    # then
    through = tf.cast(tf.where(seen > 0, slopes, tf.zeros_like(slopes)), tf.float64)
    true = tf.nn.conv2d_transpose(through, tf.cast(layer.kernel, tf.float64), tf.shape(images), 1, "SAME").numpy()
    error = tf.cast(found, tf.float64).numpy() - true
    assert np.sqrt(np.mean(error**2) / np.mean(true**2)) < ROUNDING
