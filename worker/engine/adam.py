"""Adam: steps by the running means of the gradient and of its square."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from worker.engine.image import Image
from worker.engine.pace import Pace, Slope

# The paper has 0.999 for the second; a run of some tens of steps cannot wait a thousand for it to settle.
MOMENTUM, VARIANCE_MEMORY = 0.9, 0.99
# A step shrinks to this share of the first along half a cosine: large steps find the style, small ones settle.
LAST_SHARE = 0.1


class Moments(NamedTuple):
    """Running means of the gradient and of its square, each shaped as the image."""

    first: Any
    second: Any


def no_moments(image: Image) -> Moments:
    """Before the first step."""
    still = np.zeros(image.shape, np.float32)
    return Moments(still, still)


def adam(slope: Slope, moments: Moments, pace: Pace) -> tuple[tf.Tensor, Moments]:
    """Kingma and Ba (2015), with a shorter memory and a step size that falls along half a cosine."""
    first = MOMENTUM * moments.first + (1.0 - MOMENTUM) * slope.gradient
    second = VARIANCE_MEMORY * moments.second + (1.0 - VARIANCE_MEMORY) * tf.square(slope.gradient)
    made = tf.cast(pace.step + 1, tf.float32)
    mean = first / (1.0 - MOMENTUM**made)
    deviation = tf.sqrt(second / (1.0 - VARIANCE_MEMORY**made))
    share = tf.cast(pace.step, tf.float32) / tf.cast(pace.steps, tf.float32)
    falling = LAST_SHARE + (1.0 - LAST_SHARE) * 0.5 * (1.0 + tf.cos(share * 3.14159265))
    # Adam's epsilon is in the gradient's unit, and the gradient's size depends on the image's.
    floor = 1e-4 * tf.reduce_mean(deviation) + 1e-20
    return pace.size * falling * mean / (deviation + floor), Moments(first, second)
