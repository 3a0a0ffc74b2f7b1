"""Steps of dreams and of styles as functions of tensors, from the engine's own compiled functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from worker.engine.ascent import compiled_ascent, step_taps
from worker.engine.descent import compiled_descent
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Size, noise
from worker.engine.networks import Network
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings
from worker.engine.survey import ascent_of, survey

SEED = 7
DREAMED = "mixed4c"
STYLE_SIZE = (200, 300)


@dataclass(frozen=True, eq=False)
class Step:
    """Several steps of a computation in one call.

    Attributes:
        function: of the arguments; its first output is the picture, its last what was measured before each step.
        arguments: the picture and all that the steps need besides the network's weights.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


def style_step(network: Network, size: Size, steps: int) -> Step:
    """Steps of a style transfer as it is by default, at its finest level."""
    styles = [(noise((min(size[0], STYLE_SIZE[0]), min(size[1], STYLE_SIZE[1])), SEED + 1), 1.0)]
    style = Style(network, StyleSettings(iterations=steps, levels=1), noise(size, SEED), styles, SEED)
    descend = compiled_descent(style.descent, abreast=1)
    begun = style.begin()
    mixture, due = tf.nest.map_structure(tf.constant, begun.mixture), style.due(begun)

    def function(mixture: Any, targets: Any, weights: tf.Tensor, pace: Any) -> Any:
        (moved,), losses = descend((mixture,), (targets,), weights, pace, tf.constant(steps))
        return moved, losses[:, 0]

    return Step(function, (mixture, due.targets, style.weights, due.pace))


def dream_step(network: Network, size: Size, steps: int) -> Step:
    """Steps of a dream of one layer, the picture in one piece."""
    settings = DreamSettings((DreamedLayer(DREAMED),), iterations=steps)
    image = noise(size, SEED)
    ascent = ascent_of(network, settings, survey(network, settings, image))
    taps = np.stack([step_taps(step, steps) for step in range(steps)])
    rolls = np.random.default_rng(SEED).integers(-ascent.profile.roll, ascent.profile.roll + 1, (steps, 2), np.int32)
    arrays = image, ascent.aim, taps, rolls, np.float32(ascent.step_size)
    function = compiled_ascent(network, ascent.objective, ascent.profile)
    return Step(function, tuple(tf.nest.map_structure(tf.constant, arrays)))


STEPS: Mapping[str, tuple[str, Callable[[Network, Size, int], Step]]] = {
    "style": ("vgg16", style_step),
    "dream": ("googlenet", dream_step),
}
"""By name: the network that looks, and what makes the step."""
