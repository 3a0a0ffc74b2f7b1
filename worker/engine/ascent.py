"""Gradient ascent at one octave: steps that raise an objective."""

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.gaussian import blur, blur_exact, radius_of, taps
from worker.engine.image import Image, Size
from worker.engine.networks import Network
from worker.engine.objectives import Aim, Objective
from worker.engine.profile import DreamProfile
from worker.engine.tiles import Alive, Tile, WatchedTiles, haloed_tiles, shifted_tiles, tile_length, unwatched

# The widest of a step's three Gaussians stays under sigma 9.
BLUR_RADIUS = radius_of(9.0)
TINY = 1e-8
# Halo over receptive field. Measured next to a seam of vgg16's conv4_2, the mean error of the gradient is 0.011 at 0.5,
# 0.0003 at 0.65, and rounding at 1: a pixel is seen by positions half a field away, which see half a field further.
HALO = 0.7
# Compiled functions kept for the next stage; each holds its graph, and all share their network's kernels.
COMPILED_KEPT = 32

Gradient: TypeAlias = Callable[[tf.Tensor, Aim], tuple[tf.Tensor, tf.Tensor]]
Climbed: TypeAlias = tuple[Image, NDArray[np.float64]]


@dataclass(frozen=True)
class Ascent:
    """How an octave is climbed.

    Attributes:
        network: what looks at the image.
        objective: what is made larger.
        aim: which channels of it, and how much each layer counts.
        profile: the switches.
        iterations: steps of the whole octave; the blur widens along them.
        step_size: standard deviation of one step, in levels of 0..255.
        tile_size: wanted side of a tile in pixels.
        alive: gives a sign of life after every tile.
    """

    network: Network
    objective: Objective
    aim: Aim
    profile: DreamProfile
    iterations: int
    step_size: float
    tile_size: int
    alive: Alive = unwatched

    def climb(self, image: Image, steps: range, draws: random.Random) -> Climbed:
        """Make the steps of the given numbers.

        Returns:
            The image after them, and the objective before each.
        """
        if self.profile.whole_gradient and self._in_one_piece(image):
            return self._climb_whole(image, steps, draws)
        return self._climb_tiled(image, steps, draws)

    def gradient(self, image: Image, draws: random.Random) -> tuple[float, Image]:
        """The objective of an image and its gradient; in tiles where the image is larger than one.

        Args:
            image: of any size that the network can look at.
            draws: shifts the tiles where the profile has them shifted.
        """
        if self.profile.whole_gradient and self._in_one_piece(image):
            value, slope = self._look(tf.constant(image), self.aim)
            return float(value), slope.numpy()
        return self._tiled_gradient(image, draws)

    @property
    def _look(self) -> Gradient:
        return compiled_gradient(self.network, self.objective, self.profile)

    def _in_one_piece(self, image: Image) -> bool:
        return all(tile_length(length, self.tile_size) >= length for length in image.shape[:2])

    def _climb_whole(self, image: Image, steps: range, draws: random.Random) -> Climbed:
        weights = np.stack([step_taps(step, self.iterations) for step in steps])
        rolls = np.array([draw_roll(self.profile.roll, draws) for _ in steps], np.int32)
        ascend = compiled_ascent(self.network, self.objective, self.profile)
        start = tf.constant(image)
        climbed, values = ascend(start, self.aim, tf.constant(weights), tf.constant(rolls), self.step_size)
        return climbed.numpy(), values.numpy().astype(np.float64)

    def _climb_tiled(self, image: Image, steps: range, draws: random.Random) -> Climbed:
        values: list[float] = []
        for step in steps:
            roll = draw_roll(self.profile.roll, draws)
            value, gradient = self.gradient(np.roll(image, roll, axis=(0, 1)), draws)
            unrolled = np.roll(gradient, (-roll[0], -roll[1]), axis=(0, 1))
            image = self._moved(image, unrolled, step)
            values.append(value)
        return image, np.array(values, np.float64)

    def _moved(self, image: Image, gradient: Image, step: int) -> Image:
        """`follow_gradient` outside the graph."""
        if self.profile.zero_mean:
            gradient = np.subtract(gradient, np.mean(gradient, axis=(0, 1)), dtype=np.float32)
        if self.profile.whole_gradient:
            gradient = np.float32(1.0 / (np.std(gradient) + TINY)) * gradient
        smooth = self._smoothed(gradient, step)
        moved = np.asarray(image + smooth * np.float32(self.step_size / (np.std(smooth) + TINY)), np.float32)
        return np.clip(moved, 0.0, 255.0, dtype=np.float32) if self.profile.clip else moved

    def _smoothed(self, gradient: Image, step: int) -> Image:
        if self.profile.whole_gradient:
            weights = step_taps(step, self.iterations)
            return compiled_smoothing()(tf.constant(gradient), tf.constant(weights)).numpy()
        fine, wide, finest = (blur_exact(gradient, sigma) for sigma in step_sigmas(step, self.iterations))
        return fine + wide + finest

    def _tiled_gradient(self, image: Image, draws: random.Random) -> tuple[float, Image]:
        gradient = np.zeros_like(image)
        total = 0.0
        for tile in WatchedTiles(self._tiles((image.shape[0], image.shape[1]), draws), self.alive):
            seen = image[tile.seen_rows.slice, tile.seen_columns.slice]
            share, *others = self._shares(seen, image)
            ratios = np.array([1.0, *(other / share for other in others)], np.float32)
            aim = self.aim._replace(strengths=self.aim.strengths * ratios)
            value, slope = self._look(tf.constant(seen), aim)
            kept = self._kept(tile, slope.numpy(), share)
            gradient[tile.rows.slice, tile.columns.slice] = kept
            total += float(value) * kept.size / image.size
        return total, gradient

    def _tiles(self, size: Size, draws: random.Random) -> Iterable[Tile]:
        if not self.profile.whole_gradient:
            return shifted_tiles(size, self.tile_size, draws)
        return seamless_tiles(self.network, self.objective.layers, size, self.tile_size)

    def _shares(self, seen: Image, image: Image) -> list[float]:
        """How much of the image's mean a tile's mean is, for each layer: its share of the layer's positions."""
        strides = [self.network.stride(layer) for layer in self.objective.layers]
        return [_positions(seen, stride) / _positions(image, stride) for stride in strides]

    def _kept(self, tile: Tile, slope: Image, share: float) -> Image:
        if not self.profile.whole_gradient:
            return slope / np.float32(np.std(slope) + TINY)
        rows, columns = tile.rows.within(tile.seen_rows), tile.columns.within(tile.seen_columns)
        return slope[rows.slice, columns.slice] * share


def seamless_tiles(network: Network, layers: Sequence[str], size: Size, wanted: int) -> Iterator[Tile]:
    """Tiles that see enough around them for the gradient of every one of the layers.

    Args:
        network: what looks at them.
        layers: names of the layers.
        size: of the image, in pixels.
        wanted: side of a tile in pixels.
    """
    # Every pooling halves: a multiple of twice the deepest stride keeps all of them in phase.
    stride = 2 * max(network.stride(layer) for layer in layers)
    halo = math.ceil(HALO * max(network.receptive_field(layer) for layer in layers))
    return haloed_tiles(size, wanted, halo, stride)


def step_sigmas(step: int, iterations: int) -> tuple[float, float, float]:
    """Widths in pixels of the three Gaussians of a step: fine at the first step, wide at the last."""
    sigma = 4.0 * step / iterations + 0.5
    return sigma, 2.0 * sigma, 0.5 * sigma


def step_taps(step: int, iterations: int) -> NDArray[np.float32]:
    """The three Gaussians of a step, `(3, taps)`."""
    sigmas = step_sigmas(step, iterations)
    return np.stack([taps(sigma, BLUR_RADIUS) for sigma in sigmas]).astype(np.float32)


def draw_roll(most: int, draws: random.Random) -> tuple[int, int]:
    """Rows and columns to roll by, each -most .. most; draws nothing when `most` is 0."""
    return (draws.randint(-most, most), draws.randint(-most, most)) if most else (0, 0)


def smoothed(gradient: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """The sum of three Gaussian blurs, colours included; `weights` as of `step_taps`."""
    return blur(gradient, weights[0]) + blur(gradient, weights[1]) + blur(gradient, weights[2])


def follow_gradient(
    image: tf.Tensor, gradient: tf.Tensor, weights: tf.Tensor, step_size: tf.Tensor, profile: DreamProfile
) -> tf.Tensor:
    """One step along the smoothed gradient, scaled to a standard deviation of `step_size` levels."""
    if profile.zero_mean:
        gradient -= tf.reduce_mean(gradient, axis=(0, 1), keepdims=True)
    if profile.whole_gradient:
        gradient /= tf.math.reduce_std(gradient) + TINY
    smooth = smoothed(gradient, weights)
    moved = image + smooth * (step_size / (tf.math.reduce_std(smooth) + TINY))
    return tf.clip_by_value(moved, 0.0, 255.0) if profile.clip else moved


def gradient_of(network: Network, objective: Objective, profile: DreamProfile) -> Gradient:
    """The objective of an image `(height, width, 3)` and its gradient, to be traced into a graph."""

    def look(image: tf.Tensor, aim: Aim) -> tuple[tf.Tensor, tf.Tensor]:
        value = objective.value(network, image[None], aim, profile.feed, profile.padding)
        # Not a GradientTape: that sums the gradients of parallel branches in another order than the original's.
        return value, tf.gradients(value, image)[0]

    return look


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_gradient(network: Network, objective: Objective, profile: DreamProfile) -> Gradient:
    """`gradient_of`, traced once for images of every size."""
    return tf.function(gradient_of(network, objective, profile), input_signature=[IMAGE, objective.aim_spec])


@lru_cache(maxsize=1)
def compiled_smoothing() -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """`smoothed`, traced once for images of every size."""
    return tf.function(smoothed, input_signature=[IMAGE, tf.TensorSpec((3, None))])


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_ascent(network: Network, objective: Objective, profile: DreamProfile) -> Callable[..., tuple]:
    """Several steps on a whole image in one call, traced once for images of every size and any number of steps.

    Measured with googlenet and vgg16 on a CPU, a graph of open shape runs as fast as one of a fixed shape, and five
    octaves need one trace instead of five.
    """
    look = gradient_of(network, objective, profile)

    def ascend(image: tf.Tensor, aim: Aim, weights: tf.Tensor, rolls: tf.Tensor, step_size: tf.Tensor) -> tuple:
        def step(index: tf.Tensor, current: tf.Tensor, values: tf.TensorArray) -> tuple:
            value, rolled_gradient = look(tf.roll(current, rolls[index], axis=(0, 1)), aim)
            gradient = tf.roll(rolled_gradient, -rolls[index], axis=(0, 1))
            moved = follow_gradient(current, gradient, weights[index], step_size, profile)
            return index + 1, moved, values.write(index, value)

        count = tf.shape(weights)[0]
        values = tf.TensorArray(tf.float32, size=count, element_shape=())
        _, climbed, values = tf.while_loop(
            lambda index, _image, _values: index < count,
            step,
            (tf.constant(0), image, values),
            parallel_iterations=1,
        )
        return climbed, values.stack()

    return tf.function(ascend, input_signature=[IMAGE, objective.aim_spec, STEP_WEIGHTS, ROLLS, SCALAR])


def _positions(image: Image, stride: int) -> int:
    return math.prod(-(-length // stride) for length in image.shape[:2])


IMAGE = tf.TensorSpec((None, None, 3))
STEP_WEIGHTS = tf.TensorSpec((None, 3, None))
ROLLS = tf.TensorSpec((None, 2), tf.int32)
SCALAR = tf.TensorSpec(())
