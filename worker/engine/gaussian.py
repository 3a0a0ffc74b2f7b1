"""Gaussian blur of any width: as products with banded matrices inside the graph, and digit for digit outside it.

Borders mirror with the edge repeated (`d c b a | a b c d | d c b a`), as often as the radius needs, so that even the
colour axis of three can be blurred. The kernel is cut at four sigmas. Both as in scipy.ndimage.gaussian_filter.
"""

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.image import Image

TRUNCATE = 4.0
# Rows of one block of the banded product: small keeps it cheap on large images, large keeps it one product on small.
BLOCK = 64


def taps(sigma: float, radius: int) -> NDArray[np.float64]:
    """Weights of a Gaussian at the offsets -radius .. radius, zero beyond four sigmas, summing to 1."""
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 / (sigma * sigma) * offsets**2)
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
    """Blur float32 `(height, width, 3)` with `taps` along height, width and colours."""
    shape = tf.shape(image)
    height, width = shape[0], shape[1]
    rows = tf.reshape(blur_rows(tf.reshape(image, (height, width * 3)), weights), (height, width, 3))
    turned = tf.reshape(tf.transpose(rows, (1, 0, 2)), (width, height * 3))
    columns = tf.reshape(blur_rows(turned, weights), (width, height, 3))
    colors = tf.reshape(tf.transpose(columns, (1, 0, 2)), (height * width, 3))
    return tf.reshape(tf.matmul(colors, _dense(weights, 3), transpose_b=True), (height, width, 3))


def blur_exact(image: Image, sigma: float, axes: tuple[int, ...] = (0, 1, 2)) -> Image:
    """Blur float32 `(height, width, 3)` outside the graph, summed in float64 in the order of scipy.ndimage.

    The classic profile needs every digit: a sum that falls short by one float32 digit may be truncated to a byte one
    level darker, or flip a ReLU, and either grows into another dream.
    """
    radius = radius_of(sigma)
    weights = taps(sigma, radius)
    blurred = np.asarray(image, np.float32)
    for axis in axes:
        blurred = np.moveaxis(_blur_first_axis(np.moveaxis(blurred, axis, 0), weights), 0, axis)
    return np.ascontiguousarray(blurred)


def _blur_first_axis(values: Image, weights: NDArray[np.float64]) -> Image:
    length, radius = values.shape[0], len(weights) // 2
    padded = values[mirrored(np.arange(-radius, length + radius), length)].astype(np.float64)
    summed = padded[radius : radius + length] * weights[radius]
    for offset in range(radius):
        pair = padded[offset : offset + length] + padded[2 * radius - offset : 2 * radius - offset + length]
        summed += pair * weights[offset]
    return summed.astype(np.float32)


def _band(weights: tf.Tensor, block: tf.Tensor, radius: tf.Tensor) -> tf.Tensor:
    """`(block, block + 2 radius)`: row i holds the taps from column i on."""
    offsets = tf.range(block + 2 * radius)[None, :] - tf.range(block)[:, None]
    inside = tf.logical_and(offsets >= 0, offsets <= 2 * radius)
    return tf.where(inside, tf.gather(weights, tf.clip_by_value(offsets, 0, 2 * radius)), 0.0)


def _dense(weights: tf.Tensor, length: int) -> tf.Tensor:
    """The whole blur of a short axis as one `(length, length)` matrix."""
    radius = tf.shape(weights)[0] // 2
    sources = mirrored(tf.range(-radius, length + radius), tf.constant(length))
    return tf.matmul(_band(weights, tf.constant(length), radius), tf.one_hot(sources, length))
