"""Objectives: what a dream makes larger."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, cast

import tensorflow as tf

from worker.engine.networks import Feed, Network, Padding

Measure: TypeAlias = Literal["mean-square", "mean"]


def mean_square(activations: tf.Tensor) -> tf.Tensor:
    """Strong activations pull hardest: what is faintly seen becomes plain (Mordvintsev et al., 2015)."""
    return tf.reduce_mean(tf.square(activations))


def mean(activations: tf.Tensor) -> tf.Tensor:
    """All activations above zero pull alike: texture spreads more evenly."""
    return tf.reduce_mean(activations)


MEASURES: Mapping[Measure, Callable[[tf.Tensor], tf.Tensor]] = {"mean-square": mean_square, "mean": mean}


class Aim(NamedTuple):
    """What an objective is aimed at: told with every call, so that other channels need no other graph.

    Attributes:
        strengths: `(layers,)`, what a layer's measure is multiplied by.
        channels: of the narrowed layers, which channels count.
    """

    strengths: tf.Tensor
    channels: Mapping[str, tf.Tensor]


@dataclass(frozen=True)
class Objective:
    """A measure of the activations of one layer or several: as much of a dream as a compiled graph holds.

    Attributes:
        layers: names of the layers.
        measure: what of them grows, a name in `MEASURES`.
        narrowed: those of the layers of which only some channels count.
    """

    layers: tuple[str, ...]
    measure: Measure = "mean-square"
    narrowed: tuple[str, ...] = ()

    @property
    def aim_spec(self) -> Aim:
        """What an aim at this objective looks like."""
        return Aim(
            strengths=cast("Any", tf.TensorSpec((len(self.layers),))),
            channels={layer: cast("Any", tf.TensorSpec((None,), tf.int32)) for layer in self.narrowed},
        )

    def value(self, network: Network, images: tf.Tensor, aim: Aim, feed: Feed, padding: Padding) -> tf.Tensor:
        """The objective of images `(1, height, width, 3)`, a scalar: the layers' measures, each by its strength."""
        found = network.activations(images, self.layers, feed, padding)
        parts = [self._measured(layer, found[layer], aim) for layer in self.layers]
        return tf.add_n([aim.strengths[number] * part for number, part in enumerate(parts)])

    def _measured(self, layer: str, activations: tf.Tensor, aim: Aim) -> tf.Tensor:
        if layer in self.narrowed:
            activations = tf.gather(activations, aim.channels[layer], axis=3)
        return MEASURES[self.measure](activations)
