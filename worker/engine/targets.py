"""Targets of a style transfer: what the content and the style images look like to the network, computed once."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from worker.engine.image import Image
from worker.engine.losses import Lens, Targets, content_loss, denoise_loss

# Smallest mean difference of neighbours, in levels of 0..255, that the denoise loss is measured against: an even
# content would otherwise make it outweigh the style.
CALM = 1.0
TINY = 1e-10
IMAGE = tf.TensorSpec((None, None, 3))


def build_targets(lens: Lens, content: Image, styles: Sequence[tuple[Image, float]]) -> Targets:
    """Look once at the content and at every style image.

    Several style images count by their weights: the mean of their Gram matrices pulls as their separate losses would.
    """
    contents = tf.function(lens.contents, input_signature=[IMAGE])(tf.constant(content))
    grams = _mean_grams(lens, styles)
    if lens.profile.lagged_factors:
        ones = tuple(tf.constant(1.0) for _ in grams)
        return Targets(contents, grams, ones, tf.ones((3,)))
    style_scales = tuple(tf.reduce_mean(tf.square(gram)) + TINY for gram in grams)
    scales = tf.stack([_content_scale(contents), tf.constant(1.0), _denoise_scale(content)])
    return Targets(contents, grams, style_scales, scales)


def _mean_grams(lens: Lens, styles: Sequence[tuple[Image, float]]) -> tuple[tf.Tensor, ...]:
    total = sum(weight for _, weight in styles)
    look = tf.function(lens.grams, input_signature=[IMAGE])
    seen = [(look(tf.constant(image)), weight / total) for image, weight in styles]
    layers = range(len(lens.style_layers))
    return tuple(tf.add_n([grams[layer] * weight for grams, weight in seen]) for layer in layers)


def _content_scale(contents: tuple[tf.Tensor, ...]) -> tf.Tensor:
    """What the content loss of an even picture would be: its layers' variance over positions."""
    means = tuple(tf.reduce_mean(layer, axis=(1, 2), keepdims=True) for layer in contents)
    return content_loss(contents, means) + TINY


def _denoise_scale(content: Image) -> tf.Tensor:
    return tf.maximum(denoise_loss(tf.constant(content)), np.float32(CALM * content.size * 2))
