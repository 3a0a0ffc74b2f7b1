"""Optimizers: one step of an image down a gradient, and what they remember of the steps before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import tensorflow as tf

from worker.engine.adam import Moments, adam, no_moments
from worker.engine.image import Image
from worker.engine.lbfgs import Curvature, lbfgs, no_curvature
from worker.engine.pace import Pace, Slope

OptimizerName: TypeAlias = Literal["gradient-descent", "adam", "lbfgs"]


class Nothing(NamedTuple):
    """The memory of an optimizer that has none."""


@dataclass(frozen=True)
class Optimizer:
    """A rule for steps.

    Attributes:
        memory: the named tuple that it remembers things in.
        begin: what it remembers before the first step of a level, from the image there (decision 14).
        step: what to take away from the image, and what is remembered then.
    """

    memory: type[Any]
    begin: Callable[[Image], Any]
    step: Callable[[Slope, Any, Pace], tuple[tf.Tensor, Any]]

    @property
    def remembered(self) -> int:
        """How many pictures its memory is as large as."""
        pixel = np.zeros((1, 1, 3), np.float32)
        return sum(array.size for array in self.begin(pixel)) // pixel.size


def normalized_descent(slope: Slope, memory: Nothing, pace: Pace) -> tuple[tf.Tensor, Nothing]:
    """A step whose values deviate by `pace.size` levels, as in the original program."""
    return slope.gradient * (pace.size / (tf.math.reduce_std(slope.gradient) + 1e-8)), memory


OPTIMIZERS: dict[OptimizerName, Optimizer] = {
    "gradient-descent": Optimizer(Nothing, lambda _: Nothing(), normalized_descent),
    "adam": Optimizer(Moments, no_moments, adam),
    "lbfgs": Optimizer(Curvature, no_curvature, lbfgs),
}
