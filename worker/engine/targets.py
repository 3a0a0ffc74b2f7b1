"""Targets of a style transfer: what the content and the style images look like to the network, computed once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf

from worker.engine.budget import fitting_tiles
from worker.engine.image import Image
from worker.engine.losses import Lens, Targets, content_loss, denoise_loss
from worker.engine.pieces import averaged_grams, whole_contents
from worker.engine.regions import Regions, guides
from worker.engine.tiles import Tile

# Smallest mean difference of neighbours, in levels of 0..255, that the denoise loss is measured against: an even
# content would otherwise make it outweigh the style.
CALM = 1.0
# Compiled functions kept for the next stage.
COMPILED_KEPT = 8
TINY = 1e-10
IMAGE = tf.TensorSpec((None, None, 3))


@dataclass(frozen=True, eq=False)
class Models:
    """The pictures that a painter looks at, of one size level.

    Attributes:
        content: what to paint.
        styles: what to paint like, and how much each counts. The mean of their Gram matrices pulls as their separate
            losses would.
        regions: where each style holds; None for everywhere.
    """

    content: Image
    styles: Sequence[tuple[Image, float]]
    regions: Regions | None = None


@dataclass(frozen=True)
class LayerShares:
    """How much each layer counts among its kind, 1 on average: one number a content layer, one a style layer."""

    content: tuple[float, ...]
    style: tuple[float, ...]


def build_targets(lens: Lens, models: Models, shares: LayerShares, memory_gib: float) -> Targets:
    """Look once at the content and at every style image, in tiles where the memory would not do."""
    contents = _contents(lens, models.content, memory_gib)
    content_scales = tuple(tf.constant(1.0 / share) for share in shares.content)
    grams = _style_grams(lens, models, memory_gib)
    pulls = models.regions.pulls([weight for _, weight in models.styles]) if models.regions else (1.0,)
    style_shares = [layer * pull for layer in shares.style for pull in pulls]
    if lens.profile.lagged_factors:
        even = tuple(tf.constant(1.0 / share) for share in style_shares)
        return Targets(contents, content_scales, (), grams, even, tf.ones((3,)))
    sizes = [tf.reduce_mean(tf.square(gram)) + TINY for gram in grams]
    style_scales = tuple(size / share for size, share in zip(sizes, style_shares, strict=True))
    content_scale = _content_scale(contents, content_scales)
    scales = tf.stack([content_scale, tf.constant(1.0), _denoise_scale(models.content)])
    return Targets(contents, content_scales, _guides(lens, models), grams, style_scales, scales)


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_contents(lens: Lens) -> Callable[[tf.Tensor], tuple[tf.Tensor, ...]]:
    """`Lens.contents`, traced once for images of every size."""
    return tf.function(lens.contents, input_signature=[IMAGE])


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_grams(lens: Lens) -> Callable[[tf.Tensor], tuple[tf.Tensor, ...]]:
    """`Lens.grams`, traced once for images of every size."""
    return tf.function(lens.grams, input_signature=[IMAGE])


def _guides(lens: Lens, models: Models) -> tuple[tf.Tensor, ...]:
    if models.regions is None:
        return ()
    masks, size = models.regions.masks, (models.content.shape[0], models.content.shape[1])
    return tuple(tf.constant(guides(masks, size, lens.network.stride(layer))) for layer in lens.style_layers)


def _contents(lens: Lens, image: Image, memory_gib: float) -> tuple[Any, ...]:
    tiles = _tiles(lens, image, memory_gib)
    if tiles:
        return whole_contents(lens, image, tiles)
    return compiled_contents(lens)(tf.constant(image))


def _tiles(lens: Lens, image: Image, memory_gib: float) -> tuple[Tile, ...]:
    return fitting_tiles(lens, (image.shape[0], image.shape[1]), memory_gib)


def _style_grams(lens: Lens, models: Models, memory_gib: float) -> tuple[tf.Tensor, ...]:
    """One matrix a layer, or one a layer and region, all regions of a layer in a row."""
    look = compiled_grams(lens)
    seen: list[tuple[tuple[tf.Tensor, ...], float]] = []
    for image, weight in models.styles:
        tiles = _tiles(lens, image, memory_gib)
        seen.append((averaged_grams(lens, image, tiles) if tiles else look(tf.constant(image)), weight))
    if models.regions is None:
        return _mean_grams(seen)
    pairs = list(zip(seen, models.regions.of_styles, strict=True))
    regions = range(len(models.regions.masks))
    means = [_mean_grams([one for one, own in pairs if own == region]) for region in regions]
    return tuple(means[region][layer] for layer in range(len(lens.style_layers)) for region in regions)


def _mean_grams(seen: Sequence[tuple[tuple[tf.Tensor, ...], float]]) -> tuple[tf.Tensor, ...]:
    total = sum(weight for _, weight in seen)
    weighted = [[gram * (weight / total) for gram in grams] for grams, weight in seen]
    return tuple(tf.add_n(list(layer)) for layer in zip(*weighted, strict=True))


def _content_scale(contents: tuple[tf.Tensor, ...], scales: tuple[tf.Tensor, ...]) -> tf.Tensor:
    """What the content loss of an even picture would be: its layers' variance over positions."""
    means = tuple(tf.reduce_mean(layer, axis=(1, 2), keepdims=True) for layer in contents)
    return content_loss(contents, means, scales) + TINY


def _denoise_scale(content: Image) -> tf.Tensor:
    return tf.maximum(denoise_loss(tf.constant(content)), np.float32(CALM * content.size * 2))
