"""The response of channels: which of them see most in a picture."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.ascent import IMAGE, seamless_tiles
from worker.engine.image import Image
from worker.engine.networks import Network
from worker.engine.profile import DreamProfile


def strongest(response: NDArray[np.float64], count: int) -> NDArray[np.int32]:
    """The channels that respond most, in rising order; of equal ones the first."""
    return np.sort(np.argsort(-response, kind="stable")[:count]).astype(np.int32)


def responses(
    network: Network, layers: tuple[str, ...], image: Image, profile: DreamProfile, tile_size: int
) -> dict[str, NDArray[np.float64]]:
    """How much every channel of the layers responds to an image: its squares, summed over all positions.

    The image is looked at in tiles; every position counts in the tile that its pixel belongs to.
    """
    look = _compiled_look(network, layers, profile)
    totals = {layer: np.zeros(network.channels(layer)) for layer in layers}
    for tile in seamless_tiles(network, layers, (image.shape[0], image.shape[1]), tile_size):
        seen = look(tf.constant(image[tile.seen_rows.slice, tile.seen_columns.slice]))
        for layer, activations in seen.items():
            stride = network.stride(layer)
            rows = tile.rows.strided(stride).within(tile.seen_rows.strided(stride))
            columns = tile.columns.strided(stride).within(tile.seen_columns.strided(stride))
            own = activations.numpy()[0, rows.slice, columns.slice].astype(np.float64)
            totals[layer] += np.square(own).sum(axis=(0, 1))
    return totals


@lru_cache(maxsize=8)
def _compiled_look(
    network: Network, layers: tuple[str, ...], profile: DreamProfile
) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    def look(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return network.activations(image[None], layers, profile.feed, profile.padding)

    return tf.function(look, input_signature=[IMAGE])
