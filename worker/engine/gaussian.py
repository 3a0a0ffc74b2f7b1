"""Gaussian blur of any width as products with banded matrices, inside the graph.

Borders mirror with the edge repeated (`d c b a | a b c d | d c b a`), as often as the radius needs, so that even the
colour axis of three can be blurred. The kernel is cut at four sigmas. Both as in scipy.ndimage.gaussian_filter.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.image import Image

Axis: TypeAlias = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]

TRUNCATE = 4.0
# Rows of one block of the banded product: small keeps it cheap on large images, large keeps it one product on small.
BLOCK = 64


def taps(sigma: float, radius: int) -> NDArray[np.float64]:
    """Weights of a Gaussian at the offsets -radius .. radius, zero beyond four sigmas, summing to 1."""
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * np.square(offsets / sigma))
    weights[np.abs(offsets) > radius_of(sigma)] = 0.0
    return weights / weights.sum()


def radius_of(sigma: float) -> int:
    """Pixels on each side that a Gaussian of this sigma reaches."""
    return int(TRUNCATE * sigma + 0.5)


def mirrored(indices: Any, length: Any) -> Any:
    """Fold indices (array or tensor) from outside `0 .. length - 1` back in, edges repeated."""
    # The smaller of f and 2 length - 1 - f, written so that arrays and tensors both understand it.
    folded = indices % (2 * length)
    last = 2 * length - 1
    return (last - abs(2 * folded - last)) // 2


def blur_rows(values: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Blur `(length, others)` along the first axis with `taps`."""
    length = tf.shape(values)[0]
    radius = tf.shape(weights)[0] // 2
    block = tf.minimum(length, BLOCK)
    blocks = (length + block - 1) // block
    starts = tf.range(blocks)[:, None] * block
    windows = tf.gather(values, mirrored(starts + tf.range(-radius, block + radius)[None, :], length))
    blurred = tf.matmul(_band(weights, block, radius)[None], windows)
    return tf.reshape(blurred, (blocks * block, -1))[:length]


def blur(image: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Blur float32 `(height, width, 3)` with `taps` along height, width and colours, summed in the taps' precision."""
    shape = tf.shape(image)
    height, width = shape[0], shape[1]
    rows = tf.reshape(_summed(blur_rows, tf.reshape(image, (height, width * 3)), weights), (height, width, 3))
    turned = tf.reshape(tf.transpose(rows, (1, 0, 2)), (width, height * 3))
    columns = tf.reshape(_summed(blur_rows, turned, weights), (width, height, 3))
    colors = tf.reshape(tf.transpose(columns, (1, 0, 2)), (height * width, 3))
    return tf.reshape(_summed(_blur_colors, colors, weights), (height, width, 3))


def _summed(blur_axis: Axis, values: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    return tf.cast(blur_axis(tf.cast(values, weights.dtype), weights), values.dtype)


def _blur_colors(values: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    return tf.matmul(values, _dense(weights, 3), transpose_b=True)


def blur_positions(image: Image, sigma: float) -> Image:
    """Blur height and width of `(height, width, 3)`, colours kept apart, summed in float64.

    The classic profile truncates the outcome to bytes: on even areas a sum that falls short by one float32 digit would
    be a whole level darker than the original's.
    """
    radius = radius_of(sigma)
    weights = taps(sigma, radius)
    blurred = np.asarray(image, np.float32)
    for axis in (0, 1):
        length = blurred.shape[axis]
        padded = np.take(blurred, mirrored(np.arange(-radius, length + radius), length), axis=axis).astype(np.float64)
        windows = (np.take(padded, np.arange(start, start + length), axis=axis) for start in range(2 * radius + 1))
        blurred = sum(w * window for w, window in zip(weights, windows, strict=True)).astype(np.float32)
    return blurred


def _band(weights: tf.Tensor, block: tf.Tensor, radius: tf.Tensor) -> tf.Tensor:
    """`(block, block + 2 radius)`: row i holds the taps from column i on."""
    offsets = tf.range(block + 2 * radius)[None, :] - tf.range(block)[:, None]
    inside = tf.logical_and(offsets >= 0, offsets <= 2 * radius)
    return tf.where(inside, tf.gather(weights, tf.clip_by_value(offsets, 0, 2 * radius)), tf.zeros((), weights.dtype))


def _dense(weights: tf.Tensor, length: int) -> tf.Tensor:
    """The whole blur of a short axis as one `(length, length)` matrix."""
    radius = tf.shape(weights)[0] // 2
    sources = mirrored(tf.range(-radius, length + radius), tf.constant(length))
    return tf.matmul(_band(weights, tf.constant(length), radius), tf.one_hot(sources, length, dtype=weights.dtype))
