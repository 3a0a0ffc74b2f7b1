"""Optimizers: one step of an image down a gradient."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

import tensorflow as tf

OptimizerName: TypeAlias = Literal["gradient-descent", "adam"]

# The paper has 0.999 for the second; a run of some tens of steps cannot wait a thousand for it to settle.
MOMENTUM, VARIANCE_MEMORY = 0.9, 0.99
# A step shrinks to this share of the first along half a cosine: large steps find the style, small ones settle.
LAST_SHARE = 0.1


class Moments(NamedTuple):
    """Adam's memory: running means of the gradient and of its square, each shaped as the image."""

    first: Any
    second: Any


class Pace(NamedTuple):
    """Where a step stands: its number from 0, the number of all steps, and the first step's size in levels."""

    step: Any
    steps: Any
    size: Any


Optimizer: TypeAlias = Callable[[tf.Tensor, Moments, Pace], tuple[tf.Tensor, Moments]]


def normalized_descent(gradient: tf.Tensor, moments: Moments, pace: Pace) -> tuple[tf.Tensor, Moments]:
    """A step whose values deviate by `pace.size` levels, as in the original program."""
    return gradient * (pace.size / (tf.math.reduce_std(gradient) + 1e-8)), moments


def adam(gradient: tf.Tensor, moments: Moments, pace: Pace) -> tuple[tf.Tensor, Moments]:
    """Kingma and Ba (2015), with a shorter memory and a step size that falls along half a cosine."""
    first = MOMENTUM * moments.first + (1.0 - MOMENTUM) * gradient
    second = VARIANCE_MEMORY * moments.second + (1.0 - VARIANCE_MEMORY) * tf.square(gradient)
    made = tf.cast(pace.step + 1, tf.float32)
    mean = first / (1.0 - MOMENTUM**made)
    deviation = tf.sqrt(second / (1.0 - VARIANCE_MEMORY**made))
    share = tf.cast(pace.step, tf.float32) / tf.cast(pace.steps, tf.float32)
    falling = LAST_SHARE + (1.0 - LAST_SHARE) * 0.5 * (1.0 + tf.cos(share * 3.14159265))
    # Adam's epsilon is in the gradient's unit, and the gradient's size depends on the image's.
    floor = 1e-4 * tf.reduce_mean(deviation) + 1e-20
    return pace.size * falling * mean / (deviation + floor), Moments(first, second)


OPTIMIZERS: dict[OptimizerName, Optimizer] = {"gradient-descent": normalized_descent, "adam": adam}
