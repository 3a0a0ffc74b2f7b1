"""Objectives: what a dream makes larger."""

from dataclasses import dataclass

import tensorflow as tf

from worker.engine.errors import SettingsError
from worker.engine.networks import Feed, Network, Padding


@dataclass(frozen=True)
class Objective:
    """The mean square of a layer's activations, or of some of its channels (Mordvintsev et al., 2015)."""

    layer: str
    channels: tuple[int, ...] | None = None

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
        return tf.reduce_mean(tf.square(activations))
