"""Plain TensorFlow, as somebody would write it in an afternoon: what the engine's speed is measured against.

One operation after another under a gradient tape, nothing compiled; the same weights, layers, losses and steps.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from worker.engine.image import Image, resize
from worker.engine.networks import Network
from worker.engine.octaves import octave_sizes

STYLE_WEIGHT, CONTENT_WEIGHT, DENOISE_WEIGHT = 10.0, 2.0, 1e-6
STYLE_STEP, DREAM_STEP = 8.0, 3.0
RESCALE_FACTOR, BLEND = 0.7, 0.2


class PlainStyle:
    """Gatys' style transfer by steps down the gradient."""

    def __init__(self, network: Network, content: Image, painting: Image, content_layer: str) -> None:
        self._network = network
        self._content_layer = content_layer
        self._content = self._look(tf.constant(content))[content_layer]
        self._grams = {layer: gram(seen) for layer, seen in self._look(tf.constant(painting)).items()}
        self._image = tf.constant(content)

    def step(self) -> None:
        """One step."""
        self._image = moved(self._image, self._loss, -STYLE_STEP)

    def _loss(self, image: tf.Tensor) -> tf.Tensor:
        seen = self._look(image)
        styles = [
            tf.reduce_mean((gram(seen[layer]) - target) ** 2) / tf.reduce_mean(target**2)
            for layer, target in self._grams.items()
        ]
        content = tf.reduce_mean((seen[self._content_layer] - self._content) ** 2)
        denoise = tf.image.total_variation(image)
        return STYLE_WEIGHT * tf.add_n(styles) / len(styles) + CONTENT_WEIGHT * content + DENOISE_WEIGHT * denoise

    def _look(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._network.activations(image[None], self._network.layers)


def gram(activations: tf.Tensor) -> tf.Tensor:
    """Products of every two channels, averaged over positions."""
    features = tf.reshape(activations, (-1, activations.shape[3]))
    return tf.matmul(features, features, transpose_a=True) / tf.cast(tf.shape(features)[0], tf.float32)


def plain_chain(network: Network, layers: Sequence[str], image: Image, octaves: int, steps: int) -> Image:
    """DeepDream through one layer after another, each over octaves; without tiles, rolls and blurs."""
    for layer in layers:
        image = _dreamed(network, layer, image, octaves, steps)
    return image


def moved(image: tf.Tensor, measure: Callable[[tf.Tensor], tf.Tensor], size: float) -> tf.Tensor:
    """A step along the gradient of a measure, or against it."""
    with tf.GradientTape() as tape:
        tape.watch(image)
        measured = measure(image)
    gradient: Any = tape.gradient(measured, image)
    return tf.clip_by_value(image + size * gradient / (tf.math.reduce_std(gradient) + 1e-8), 0.0, 255.0)


def _dreamed(network: Network, layer: str, image: Image, octaves: int, steps: int) -> Image:
    def objective(current: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(network.activations(current[None], (layer,))[layer] ** 2)

    sizes = octave_sizes((image.shape[0], image.shape[1]), RESCALE_FACTOR, octaves - 1)
    dreamed = resize(image, sizes[0])
    for size in sizes:
        current = tf.constant(BLEND * resize(image, size) + (1.0 - BLEND) * resize(dreamed, size), tf.float32)
        for _ in range(steps):
            current = moved(current, objective, DREAM_STEP)
        dreamed = np.asarray(current)
    return dreamed
