"""What every network offers: named layers, their geometry, and their activations as deep as needed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import tensorflow as tf

from worker.engine.errors import UnknownLayerError
from worker.engine.precision import Precision

Feed: TypeAlias = Literal["trained", "original"]
Padding: TypeAlias = Literal["zeros", "replicate"]
Walk: TypeAlias = Callable[[tf.Tensor, Padding], Iterator[tuple[str, tf.Tensor]]]


@dataclass(frozen=True)
class LayerGeometry:
    """What a layer sees: its channels, the pixels between two of its positions, the pixels that one position sees."""

    channels: int
    stride: int
    receptive_field: int


@dataclass(frozen=True)
class InputScale:
    """How RGB 0..255 is fed: `scale * image - mean`, in the channels' order that the network was trained on.

    Turning the image, rather than the first kernel once and for all, keeps the order in which the original programs
    sum: one rounding that differs can flip a ReLU, and a flipped ReLU grows into another picture.
    """

    scale: float
    mean: tuple[float, float, float]
    bgr: bool

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Feed RGB images `(batch, height, width, 3)`."""
        ordered = tf.reverse(images, axis=[3]) if self.bgr else images
        return ordered * self.scale - tf.constant(self.mean, images.dtype)


@dataclass(frozen=True, eq=False)
class Network:
    """A pretrained network, compared and cached by identity.

    Attributes:
        name: as the weights are named.
        geometry: layer name to geometry, shallowest first.
        feeds: how the network was trained to be fed, and how the original programs fed it.
        minimum_size: the smallest side in pixels at which every layer still has a whole position.
        walk: yields every layer's name and activations, shallowest first, so that a caller stops as deep as it needs.
        precision: what its convolutions are computed in.
    """

    name: str
    geometry: Mapping[str, LayerGeometry]
    feeds: Mapping[Feed, InputScale]
    minimum_size: int
    walk: Walk
    precision: Precision = "float32"

    @property
    def layers(self) -> tuple[str, ...]:
        """Layer names; a name's index is its layer number."""
        return tuple(self.geometry)

    def layer(self, layer: str | int) -> str:
        """The name of a layer given by name or number.

        Raises:
            UnknownLayerError: the network has no such layer.
        """
        name = self.layers[layer] if isinstance(layer, int) and 0 <= layer < len(self.layers) else layer
        if name in self.geometry:
            return str(name)
        raise UnknownLayerError(layer, self.name, self.layers)

    def channels(self, layer: str) -> int:
        """How many channels a layer has."""
        return self.geometry[self.layer(layer)].channels

    def stride(self, layer: str) -> int:
        """Pixels of the image between two neighbouring positions of a layer."""
        return self.geometry[self.layer(layer)].stride

    def receptive_field(self, layer: str) -> int:
        """Pixels of the image, on a side, that one position of a layer sees."""
        return self.geometry[self.layer(layer)].receptive_field

    def activations(
        self,
        images: tf.Tensor,
        names: tuple[str, ...],
        feed: Feed = "trained",
        padding: Padding = "zeros",
    ) -> dict[str, tf.Tensor]:
        """What the layers of the given names see in the images, each after its ReLU.

        Args:
            images: `(batch, height, width, 3)`, RGB 0..255.
            names: layer names; nothing deeper than the deepest of them is computed.
            feed: as the network was trained, or as the original programs fed it.
            padding: what lies beyond the image's border: zeros (the mean colour), or the image mirrored.

        Returns:
            Name to `(batch, height / stride, width / stride, channels)`, rounded up; float32 in every precision.

        Raises:
            UnknownLayerError: the network has no such layer.
        """
        missing = {self.layer(name) for name in names}
        found: dict[str, tf.Tensor] = {}
        for name, activations in self.walk(self.feeds[feed](images), padding):
            if name in missing:
                found[name] = tf.cast(activations, tf.float32)
            if len(found) == len(missing):
                break
        return found
