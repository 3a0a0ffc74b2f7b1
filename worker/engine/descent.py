"""Gradient descent on a picture's losses: several steps in one compiled call."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.losses import Lens, Targets, losses_of
from worker.engine.optimizer import OPTIMIZERS, Moments, OptimizerName, Pace
from worker.engine.profile import StyleProfile

# Compiled functions kept for the next stage.
COMPILED_KEPT = 8
TINY = 1e-10

IMAGE = tf.TensorSpec((None, None, 3))
LOSSES = tf.TensorSpec((3,))
SCALAR = tf.TensorSpec(())
COUNT = tf.TensorSpec((), tf.int32)
PACE = Pace(COUNT, COUNT, SCALAR)


class Mixture(NamedTuple):
    """A picture on its way, as tensors inside the graph or as arrays outside it.

    Attributes:
        image: `(height, width, 3)`, 0..255, float64 in `classic`.
        factors: `(3,)`, what content, style and denoise losses are multiplied by besides their weights.
        moments: the optimizer's memory.
        best_image: the picture with the smallest loss so far.
        best_loss: its weighted loss.
    """

    image: Any
    factors: Any
    moments: Moments
    best_image: Any
    best_loss: Any


def fresh(image: NDArray[Any], factors: NDArray[Any]) -> Mixture:
    """A mixture that no step has touched."""
    still = np.zeros(image.shape, np.float32)
    return Mixture(image, factors, Moments(still, still), image, np.array(np.inf, np.float32))


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_descent(lens: Lens, optimizer: OptimizerName) -> Callable[..., tuple[Mixture, tf.Tensor]]:
    """Several steps in one call: `(mixture, targets, weights, pace, count) -> (mixture, losses before each step)`.

    Traced once, for images of every size: a graph that depended on what the process did before would not give the same
    bytes in every process.
    """

    def descend(
        mixture: Mixture, targets: Targets, weights: tf.Tensor, pace: Pace, count: tf.Tensor
    ) -> tuple[Mixture, tf.Tensor]:
        def step(index: tf.Tensor, current: Mixture, rows: tf.TensorArray) -> tuple[Any, ...]:
            losses, gradient = _slope(lens, current, targets, weights)
            moved = _moved(current, gradient, pace._replace(step=pace.step + index), optimizer)
            followed = _followed(moved, current.image, losses, weights, lens.profile)
            return index + 1, followed, rows.write(index, losses)

        rows = tf.TensorArray(tf.float32, size=count, element_shape=(3,))
        _, mixture, rows = tf.while_loop(
            lambda index, _mixture, _rows: index < count,
            step,
            (tf.constant(0), mixture, rows),
            parallel_iterations=1,
        )
        return mixture, rows.stack()

    signature = [_mixture_signature(lens), _targets_signature(lens), LOSSES, PACE, COUNT]
    return tf.function(descend, input_signature=signature)


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_losses(lens: Lens) -> Callable[[tf.Tensor, Targets], tf.Tensor]:
    """`losses_of`, traced once for images of every size."""

    def look(image: tf.Tensor, targets: Targets) -> tf.Tensor:
        return losses_of(lens, image, targets)

    return tf.function(look, input_signature=[IMAGE, _targets_signature(lens)])


def _slope(lens: Lens, current: Mixture, targets: Targets, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    image = tf.cast(current.image, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(image)
        losses = losses_of(lens, image, targets)
        # Factors are constants to the gradient, as in the original program.
        combined = tf.reduce_sum(weights * current.factors * losses)
    return losses, tape.gradient(combined, image)


def _moved(current: Mixture, gradient: tf.Tensor, pace: Pace, optimizer: OptimizerName) -> Mixture:
    change, moments = OPTIMIZERS[optimizer](gradient, current.moments, pace)
    image = tf.clip_by_value(current.image - tf.cast(change, current.image.dtype), 0.0, 255.0)
    return current._replace(image=image, moments=moments)


def _followed(
    moved: Mixture, before: tf.Tensor, losses: tf.Tensor, weights: tf.Tensor, profile: StyleProfile
) -> Mixture:
    if profile.lagged_factors:
        return moved._replace(factors=1.0 / (losses + TINY))
    total = tf.reduce_sum(weights * losses)
    better = total < moved.best_loss
    return moved._replace(
        best_image=tf.where(better, before, moved.best_image), best_loss=tf.where(better, total, moved.best_loss)
    )


def _mixture_signature(lens: Lens) -> Mixture:
    image = tf.TensorSpec((None, None, 3), tf.float64 if lens.profile.exact_bits == 64 else tf.float32)
    return Mixture(image, LOSSES, Moments(IMAGE, IMAGE), image, SCALAR)


def _targets_signature(lens: Lens) -> Targets:
    channels = [lens.network.channels(layer) for layer in lens.style_layers]
    contents = tuple(tf.TensorSpec((1, None, None, lens.network.channels(layer))) for layer in lens.content_layers)
    grams = tuple(tf.TensorSpec((count, count)) for count in channels)
    return Targets(contents, grams, tuple(SCALAR for _ in channels), LOSSES)
