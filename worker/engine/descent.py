"""Gradient descent on the losses of pictures: several steps in one compiled call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.losses import Lens, Targets, losses_of, losses_seen
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


class Due(NamedTuple):
    """Steps that are made in one go: how many, at which pace, towards what."""

    steps: int
    pace: Pace
    targets: Targets


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


def descended(
    descent: Descent, mixtures: Sequence[Mixture], dues: Sequence[Due], weights: tf.Tensor
) -> tuple[tuple[Mixture, ...], tf.Tensor]:
    """Pictures of one size once the steps due are made, which differ in their targets alone.

    Returns:
        Their mixtures, and their losses `(steps, pictures, 3)` before each step.
    """
    tensors = tuple(tf.nest.map_structure(tf.constant, mixture) for mixture in mixtures)
    targets = tuple(due.targets for due in dues)
    descend = compiled_descent(descent, len(mixtures))
    return descend(tensors, targets, weights, dues[0].pace, tf.constant(dues[0].steps))


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_descent(descent: Descent, abreast: int) -> Callable[..., tuple[tuple[Mixture, ...], tf.Tensor]]:
    """Several steps of so many pictures in one call: `(mixtures, targets, weights, pace, count) -> (mixtures, losses)`.

    Traced once, for images of every size: a graph that depended on what the process did before would not give the same
    bytes in every process. The network looks at all pictures at once; all else is done to each as if it were alone.
    """

    def descend(
        mixtures: tuple[Mixture, ...], targets: tuple[Targets, ...], weights: tf.Tensor, pace: Pace, count: tf.Tensor
    ) -> tuple[tuple[Mixture, ...], tf.Tensor]:
        def step(index: tf.Tensor, current: tuple[Mixture, ...], rows: tf.TensorArray) -> tuple[Any, ...]:
            losses, gradients = _slopes(descent.lens, current, targets, weights)
            here = pace._replace(step=pace.step + index)
            moved = tuple(_moved(descent, *own, weights, here) for own in zip(current, losses, gradients, strict=True))
            return index + 1, moved, rows.write(index, tf.stack(losses))

        rows = tf.TensorArray(tf.float32, size=count, element_shape=(abreast, 3))
        _, mixtures, rows = tf.while_loop(
            lambda index, _mixtures, _rows: index < count,
            step,
            (tf.constant(0), mixtures, rows),
            parallel_iterations=1,
        )
        return mixtures, rows.stack()

    pictures = (_mixture_signature(descent),) * abreast, (_targets_signature(descent.lens),) * abreast
    return tf.function(descend, input_signature=[*pictures, LOSSES, PACE, COUNT])


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


def _slopes(
    lens: Lens, current: Sequence[Mixture], targets: Sequence[Targets], weights: tf.Tensor
) -> tuple[list[tf.Tensor], list[Any]]:
    """The losses of every picture, and their gradients."""
    images = [tf.cast(one.image, tf.float32) for one in current]
    with tf.GradientTape() as tape:
        tape.watch(images)
        seen = lens.activations_abreast(images)
        losses = [losses_seen(lens, *own) for own in zip(seen, images, targets, strict=True)]
        # Factors are constants to the gradient, as in the original program.
        weighed = [tf.reduce_sum(weights * one.factors * lost) for one, lost in zip(current, losses, strict=True)]
        combined = tf.add_n(weighed)
    return losses, tape.gradient(combined, images)


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
