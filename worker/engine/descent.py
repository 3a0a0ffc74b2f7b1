"""Gradient descent on a picture's losses: several steps in one compiled call."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.losses import Lens, Targets, losses_of
from worker.engine.optimizer import OPTIMIZERS, OptimizerName
from worker.engine.outcome import KEEPERS, Kept, OutcomeName, Update
from worker.engine.pace import Pace, Slope

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
        memory: what the optimizer remembers.
        kept: what is returned if this was the last step.
    """

    image: Any
    factors: Any
    memory: Any
    kept: Kept


def fresh(image: NDArray[Any], factors: NDArray[Any], memory: Any) -> Mixture:
    """A mixture that no step of its level has touched."""
    return Mixture(image, factors, memory, Kept(image, np.array(np.inf, np.float32)))


@dataclass(frozen=True)
class Descent:
    """How a picture descends; equal ones share their compiled functions.

    Attributes:
        lens: what looks at it.
        optimizer: what makes a step of a gradient.
        outcome: which picture is kept.
    """

    lens: Lens
    optimizer: OptimizerName
    outcome: OutcomeName


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_descent(descent: Descent) -> Callable[..., tuple[Mixture, tf.Tensor]]:
    """Several steps in one call: `(mixture, targets, weights, pace, count) -> (mixture, losses before each step)`.

    Traced once, for images of every size: a graph that depended on what the process did before would not give the same
    bytes in every process.
    """

    def descend(
        mixture: Mixture, targets: Targets, weights: tf.Tensor, pace: Pace, count: tf.Tensor
    ) -> tuple[Mixture, tf.Tensor]:
        def step(index: tf.Tensor, current: Mixture, rows: tf.TensorArray) -> tuple[Any, ...]:
            losses, gradient = _slope(descent.lens, current, targets, weights)
            here = pace._replace(step=pace.step + index)
            moved = _moved(descent, current, losses, gradient, weights, here)
            return index + 1, moved, rows.write(index, losses)

        rows = tf.TensorArray(tf.float32, size=count, element_shape=(3,))
        _, mixture, rows = tf.while_loop(
            lambda index, _mixture, _rows: index < count,
            step,
            (tf.constant(0), mixture, rows),
            parallel_iterations=1,
        )
        return mixture, rows.stack()

    signature = [_mixture_signature(descent), _targets_signature(descent.lens), LOSSES, PACE, COUNT]
    return tf.function(descend, input_signature=signature)


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_step(descent: Descent) -> Callable[..., Mixture]:
    """One step by a slope that is known: `(mixture, losses, gradient, weights, pace) -> mixture`."""

    def step(mixture: Mixture, losses: tf.Tensor, gradient: tf.Tensor, weights: tf.Tensor, pace: Pace) -> Mixture:
        return _moved(descent, mixture, losses, gradient, weights, pace)

    return tf.function(step, input_signature=[_mixture_signature(descent), LOSSES, IMAGE, LOSSES, PACE])


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


def _moved(
    descent: Descent, current: Mixture, losses: tf.Tensor, gradient: tf.Tensor, weights: tf.Tensor, pace: Pace
) -> Mixture:
    optimizer = OPTIMIZERS[descent.optimizer]
    change, memory = optimizer.step(Slope(current.image, gradient), current.memory, pace)
    image = tf.clip_by_value(current.image - tf.cast(change, current.image.dtype), 0.0, 255.0)
    update = Update(current.image, tf.reduce_sum(weights * losses), image, pace.step)
    kept = KEEPERS[descent.outcome](current.kept, update)
    factors = 1.0 / (losses + TINY) if descent.lens.profile.lagged_factors else current.factors
    return Mixture(image, factors, memory, kept)


def _mixture_signature(descent: Descent) -> Mixture:
    image = tf.TensorSpec((None, None, 3), tf.float64 if descent.lens.profile.exact_bits == 64 else tf.float32)
    smallest = OPTIMIZERS[descent.optimizer].begin(np.zeros((1, 1, 3), np.float32))
    return Mixture(image, LOSSES, tf.nest.map_structure(_any_size, smallest), Kept(image, SCALAR))


def _any_size(array: NDArray[Any]) -> tf.TensorSpec:
    """The signature of what has an array's type: a scalar, an image of any size, or a stack of such."""
    return tf.TensorSpec((*array.shape[:-3], None, None, 3) if array.ndim >= 3 else (), array.dtype)


def _targets_signature(lens: Lens) -> Targets:
    contents = tuple(tf.TensorSpec((1, None, None, lens.network.channels(layer))) for layer in lens.content_layers)
    guided = lens.style_layers if lens.regions else ()
    guides = tuple(tf.TensorSpec((lens.regions, None, None, 1)) for _ in guided)
    channels = [lens.network.channels(layer) for layer in lens.style_layers for _ in range(max(1, lens.regions))]
    grams = tuple(tf.TensorSpec((count, count)) for count in channels)
    scales = tuple(SCALAR for _ in channels)
    return Targets(contents, tuple(SCALAR for _ in contents), guides, grams, scales, LOSSES)
