"""Losses of a style transfer: how far a picture is from a content, from a style, and from calm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import tensorflow as tf

from worker.engine.networks import Network
from worker.engine.profile import StyleProfile


@dataclass(frozen=True)
class Lens:
    """How a style transfer looks at a picture; equal lenses share their compiled functions.

    Attributes:
        network: what looks.
        profile: the switches.
        content_layers: layers that a content is compared at.
        style_layers: layers that a style is compared at.
        regions: parts of the picture that have styles of their own; 0 where one style holds everywhere.
    """

    network: Network
    profile: StyleProfile
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    regions: int = 0

    def activations(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
        """Every layer that a loss needs, of an image `(height, width, 3)`."""
        return self._seen(image[None])

    def activations_abreast(self, images: Sequence[tf.Tensor]) -> list[dict[str, tf.Tensor]]:
        """The `activations` of images of one size, looked at all at once."""
        pieces = {
            name: tf.split(layer, len(images))
            for name, layer in self._seen(tf.concat([image[None] for image in images], axis=0)).items()
        }
        return [{name: own[number] for name, own in pieces.items()} for number in range(len(images))]

    def contents(self, image: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """The content layers' activations."""
        names = self.content_layers
        found = self.network.activations(image[None], names, self.profile.feed, self.profile.padding)
        return tuple(found[name] for name in names)

    def grams(self, image: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """The style layers' Gram matrices, all over the image."""
        names = self.style_layers
        found = self.network.activations(image[None], names, self.profile.feed, self.profile.padding)
        return tuple(gram_matrix(found[name], averaged=self.profile.normalized_grams) for name in names)

    def guided_grams(
        self, seen: Mapping[str, tf.Tensor], guides: tuple[tf.Tensor, ...], *, averaged: bool
    ) -> tuple[tf.Tensor, ...]:
        """The style layers' Gram matrices of activations: one a layer, or one a layer and region, those averaged."""
        if not self.regions:
            return tuple(gram_matrix(seen[name], averaged=averaged) for name in self.style_layers)
        return tuple(
            gram_matrix(seen[name] * guide[region], averaged=False)
            for name, guide in zip(self.style_layers, guides, strict=True)
            for region in range(self.regions)
        )

    def _seen(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        names = tuple(dict.fromkeys(self.content_layers + self.style_layers))
        return self.network.activations(images, names, self.profile.feed, self.profile.padding)


class Targets(NamedTuple):
    """What a picture is compared with.

    Attributes:
        contents: one tensor a content layer.
        content_scales: a scalar a content layer, its loss is divided by it.
        guides: one tensor a style layer, as `worker.engine.regions.guides` makes them; none without regions.
        grams: one matrix a style layer, or one a layer and region.
        style_scales: a scalar a matrix, its loss is divided by it.
        scales: content, style and denoise losses are divided by these; ones where the profile's factors lag.
    """

    contents: tuple[Any, ...]
    content_scales: tuple[Any, ...]
    guides: tuple[Any, ...]
    grams: tuple[Any, ...]
    style_scales: tuple[Any, ...]
    scales: Any


def _summed_products(features: tf.Tensor) -> tf.Tensor:
    """F'F, whose gradient costs one product instead of two.

    d(F'F) = F (U + U') = 2 F U, as U is symmetric: both the Gram and its target are. So one factor is held and the
    slope doubled, which leaves the value as it is. A `tf.custom_gradient` would say the same, but TensorFlow keeps one
    for good with every trace, and the trace with it.
    """
    products = tf.matmul(tf.stop_gradient(features), features, transpose_a=True)
    return 2.0 * products - tf.stop_gradient(products)


def gram_matrix(activations: tf.Tensor, *, averaged: bool) -> tf.Tensor:
    """Products of every two channels of a layer, summed or averaged over positions.

    Gatys et al. (2015), eq. 3, sum; the average keeps style weights independent of the image's size.

    Args:
        activations: `(1, height, width, channels)`.
        averaged: divide by the number of positions.

    Returns:
        `(channels, channels)`, symmetric.
    """
    features = tf.reshape(activations, (-1, activations.shape[3]))
    products = _summed_products(features)
    return products / tf.cast(tf.shape(features)[0], tf.float32) if averaged else products


def content_loss(
    activations: tuple[tf.Tensor, ...], targets: tuple[tf.Tensor, ...], scales: tuple[tf.Tensor, ...]
) -> tf.Tensor:
    """Mean of squared differences, each over its layer's scale, averaged over layers."""
    losses = [
        tf.reduce_mean(tf.square(seen - target)) / scale
        for seen, target, scale in zip(activations, targets, scales, strict=True)
    ]
    return tf.reduce_mean(tf.stack(losses))


def style_loss(grams: tuple[tf.Tensor, ...], targets: Targets) -> tf.Tensor:
    """Mean of squared differences of Gram matrices, each over its scale, averaged over layers and regions."""
    losses = [
        tf.reduce_mean(tf.square(gram - target)) / scale
        for gram, target, scale in zip(grams, targets.grams, targets.style_scales, strict=True)
    ]
    return tf.reduce_mean(tf.stack(losses))


def denoise_loss(image: tf.Tensor) -> tf.Tensor:
    """Sum of absolute differences of neighbours along both axes (total variation)."""
    rows = tf.reduce_sum(tf.abs(image[1:] - image[:-1]))
    columns = tf.reduce_sum(tf.abs(image[:, 1:] - image[:, :-1]))
    return rows + columns


def losses_of(lens: Lens, image: tf.Tensor, targets: Targets) -> tf.Tensor:
    """The losses `(3,)` of an image `(height, width, 3)`: content, style, denoise, each over its scale."""
    return losses_seen(lens, lens.activations(image), image, targets)


def losses_seen(lens: Lens, seen: Mapping[str, tf.Tensor], image: tf.Tensor, targets: Targets) -> tf.Tensor:
    """`losses_of` an image whose activations are known."""
    contents = tuple(seen[name] for name in lens.content_layers)
    content = content_loss(contents, targets.contents, targets.content_scales)
    grams = lens.guided_grams(seen, targets.guides, averaged=lens.profile.normalized_grams)
    return tf.stack([content, style_loss(grams, targets), denoise_loss(image)]) / targets.scales
