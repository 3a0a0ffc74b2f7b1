"""Objectives: what a dream makes larger."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import tensorflow as tf

from worker.engine.errors import SettingsError
from worker.engine.networks import Feed, Network, Padding

Measure: TypeAlias = Literal["mean-square", "mean"]


def mean_square(activations: tf.Tensor) -> tf.Tensor:
    """Strong activations pull hardest: what is faintly seen becomes plain (Mordvintsev et al., 2015)."""
    return tf.reduce_mean(tf.square(activations))


def mean(activations: tf.Tensor) -> tf.Tensor:
    """All activations above zero pull alike: texture spreads more evenly."""
    return tf.reduce_mean(activations)


MEASURES: Mapping[Measure, Callable[[tf.Tensor], tf.Tensor]] = {"mean-square": mean_square, "mean": mean}


@dataclass(frozen=True)
class Objective:
    """A measure of a layer's activations, or of those of some of its channels.

    Attributes:
        layer: name of the layer.
        channels: only these channels of it; None for all.
        measure: what of them grows, a name in `MEASURES`.
    """

    layer: str
    channels: tuple[int, ...] | None = None
    measure: Measure = "mean-square"

    def check(self, network: Network) -> None:
        """Refuse a layer or channel that the network does not have.

        Raises:
            UnknownLayerError: no such layer.
            SettingsError: no such channel, or none at all.
        """
        count = network.channels(self.layer)
        if self.channels is None:
            return
        if not self.channels or not all(0 <= channel < count for channel in self.channels):
            raise SettingsError("channels", self.channels, f"one or more of 0..{count - 1} in {self.layer}")

    def value(self, network: Network, images: tf.Tensor, feed: Feed, padding: Padding) -> tf.Tensor:
        """The objective of images `(1, height, width, 3)`, a scalar."""
        activations = network.activations(images, (self.layer,), feed, padding)[self.layer]
        if self.channels is not None:
            activations = tf.gather(activations, self.channels, axis=3)
        return MEASURES[self.measure](activations)
