"""Objectives: what a dream makes larger."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, cast

import tensorflow as tf

from worker.engine.networks import Feed, Network, Padding

# Positions that are compared with the guide at once.
CHUNK = 1024

Measure: TypeAlias = Literal["mean-square", "mean", "guide"]


def mean_square(activations: tf.Tensor, _guide: tf.Tensor | None) -> tf.Tensor:
    """Strong activations pull hardest: what is faintly seen becomes plain (Mordvintsev et al., 2015)."""
    return tf.reduce_mean(tf.square(activations))


def mean(activations: tf.Tensor, _guide: tf.Tensor | None) -> tf.Tensor:
    """All activations above zero pull alike: texture spreads more evenly."""
    return tf.reduce_mean(activations)


def guided(activations: tf.Tensor, guide: tf.Tensor) -> tf.Tensor:
    """Every position is pulled to the feature of the guide that it is most like, by their dot product.

    The gradient of a position is that feature itself, as in the DeepDream notebook (Mordvintsev et al., 2015).

    Args:
        activations: `(1, height, width, channels)`.
        guide: `(positions, channels)`, what the layer sees in the guide image.
    """
    positions = tf.reshape(activations, (-1, tf.shape(guide)[1]))
    liked = tf.gather(guide, most_alike(tf.stop_gradient(positions), guide))
    return tf.reduce_mean(positions * liked)


def most_alike(positions: tf.Tensor, guide: tf.Tensor) -> tf.Tensor:
    """The number of the guide's feature that each position is most like, in chunks: all at once fill gigabytes."""
    count = tf.shape(positions)[0]
    lacking = tf.zeros((tf.math.floormod(-count, CHUNK), tf.shape(guide)[1]))
    padded = tf.concat([positions, lacking], axis=0)
    chunks = tf.reshape(padded, (-1, CHUNK, tf.shape(guide)[1]))
    found = tf.map_fn(
        lambda chunk: tf.argmax(tf.matmul(chunk, guide, transpose_b=True), axis=1),
        chunks,
        fn_output_signature=tf.TensorSpec((CHUNK,), tf.int64),
        parallel_iterations=1,
    )
    return tf.reshape(found, (-1,))[:count]


MEASURES: Mapping[Measure, Callable[[tf.Tensor, Any], tf.Tensor]] = {
    "mean-square": mean_square,
    "mean": mean,
    "guide": guided,
}


class Aim(NamedTuple):
    """What an objective is aimed at: told with every call, so that other channels need no other graph.

    Attributes:
        strengths: `(layers,)`, what a layer's measure is multiplied by.
        channels: of the narrowed layers, which channels count.
        guides: for the measure `guide`, what the layers see in the guide image: `(positions, channels)` each.
    """

    strengths: tf.Tensor
    channels: Mapping[str, tf.Tensor]
    guides: Mapping[str, tf.Tensor]


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
            guides={
                layer: cast("Any", tf.TensorSpec((None, None))) for layer in self.layers if self.measure == "guide"
            },
        )

    def value(self, network: Network, images: tf.Tensor, aim: Aim, feed: Feed, padding: Padding) -> tf.Tensor:
        """The objective of images `(1, height, width, 3)`, a scalar: the layers' measures, each by its strength."""
        found = network.activations(images, self.layers, feed, padding)
        parts = [self._measured(layer, found[layer], aim) for layer in self.layers]
        return tf.add_n([aim.strengths[number] * part for number, part in enumerate(parts)])

    def _measured(self, layer: str, activations: tf.Tensor, aim: Aim) -> tf.Tensor:
        if layer in self.narrowed:
            activations = tf.gather(activations, aim.channels[layer], axis=3)
        return MEASURES[self.measure](activations, aim.guides.get(layer))
