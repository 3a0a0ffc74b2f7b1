"""Descent over tiles: a step on a picture too large to be looked at in one go."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.descent import Descent, Mixture, compiled_step
from worker.engine.image import Image
from worker.engine.losses import Lens, Targets, denoise_loss
from worker.engine.pace import Pace
from worker.engine.pieces import Sums, added, compiled_pull, compiled_sums, cut_piece, whole_losses
from worker.engine.tiles import Tile


def tiled_step(
    descent: Descent, mixture: Mixture, targets: Targets, weights: tf.Tensor, pace: Pace, tiles: Iterable[Tile]
) -> tuple[Mixture, tf.Tensor]:
    """One step, and the losses `(3,)` before it: those of the whole picture, in the memory of a tile."""
    losses, gradient = tiled_slope(descent.lens, mixture.image, targets, weights, tiles)
    tensors = tf.nest.map_structure(tf.constant, mixture)
    return compiled_step(descent)(tensors, losses, tf.constant(gradient), weights, pace), losses


def tiled_slope(
    lens: Lens, image: Image, targets: Targets, weights: tf.Tensor, tiles: Iterable[Tile]
) -> tuple[tf.Tensor, NDArray[np.float32]]:
    """The losses of a picture and their gradient, in two passes over its tiles.

    A Gram matrix is a sum over positions. The first pass adds it up without gradients; then the loss' slope for the
    whole matrix is known, and the second pass carries it on to each tile's pixels.
    """
    size = (image.shape[0], image.shape[1])
    sums = _sums(lens, image, targets, tiles)
    with tf.GradientTape() as tape:
        tape.watch(sums)
        losses = whole_losses(lens, size, sums, targets)
        combined = tf.reduce_sum(weights[:2] * losses)
    slopes: Any = tape.gradient(combined, sums)
    denoise, gradient = _denoise_slope(tf.constant(image), weights[2] / targets.scales[2])
    whole = gradient.numpy().copy()
    for tile in tiles:
        pull = compiled_pull(lens)(cut_piece(lens, image, tile, targets), slopes)
        whole[tile.seen_rows.slice, tile.seen_columns.slice] += pull.numpy()
    return tf.concat([losses, [denoise / targets.scales[2]]], axis=0), whole


def tiled_losses(lens: Lens, image: Image, targets: Targets, tiles: Iterable[Tile]) -> tf.Tensor:
    """`losses_of`, a tile at a time."""
    losses = whole_losses(lens, (image.shape[0], image.shape[1]), _sums(lens, image, targets, tiles), targets)
    return tf.concat([losses, [denoise_loss(tf.constant(image)) / targets.scales[2]]], axis=0)


def _sums(lens: Lens, image: Image, targets: Targets, tiles: Iterable[Tile]) -> Sums:
    return added(compiled_sums(lens)(cut_piece(lens, image, tile, targets)) for tile in tiles)


def _denoise_slope(image: tf.Tensor, weight: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = denoise_loss(image)
        weighted = weight * loss
    gradient: Any = tape.gradient(weighted, image)
    return loss, gradient
