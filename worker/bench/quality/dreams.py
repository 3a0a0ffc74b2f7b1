"""The quality figures of modern dreams."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from worker.bench.figure import Figure, Target
from worker.bench.quality.studio import Studio
from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Image, noise, solid, to_bytes
from worker.engine.networks import Network

SEED = 7
SIZE = (192, 192)
GREY = 128
# Between the edges of the first layers and the animals of the last.
LAYER = "mixed4c"
CHOSEN = tuple(range(0, 512, 10))


def gain_at_one_level(studio: Studio) -> Figure:
    """D1 without smaller octaves."""
    gain = _gain(studio.googlenet, DreamSettings((DreamedLayer(LAYER),), repeats=0))
    return Figure("D1", f"mean(T²) of {LAYER}, result over input, one level", gain, Target("at least", 2.0))


def gain_over_octaves(studio: Studio) -> Figure:
    """D1 through all octaves."""
    gain = _gain(studio.googlenet, DreamSettings((DreamedLayer(LAYER),)))
    return Figure("D1", f"mean(T²) of {LAYER}, result over input, recursive", gain, Target("at least", 4.0))


def gain_of_chosen_channels(studio: Studio) -> Figure:
    """D2: what was asked for grows more than what was not."""
    network = studio.googlenet
    start = noise(SIZE, SEED)
    saved = _saved(network, DreamSettings((DreamedLayer(LAYER, channels=CHOSEN),)), start)
    others = tuple(sorted(set(range(network.channels(LAYER))) - set(CHOSEN)))
    chosen_gain, other_gain = (
        _mean_square(network, saved, channels) / _mean_square(network, start, channels) for channels in (CHOSEN, others)
    )
    return Figure(
        "D2", "gain of the chosen channels over the others'", chosen_gain / other_gain, Target("more than", 1.5)
    )


def drift_on_flat_grey(studio: Studio) -> Figure:
    """D4: brightness and colour stay where they were; steps alone do it, so tone is not held."""
    settings = DreamSettings((DreamedLayer(LAYER),), hold_tone=False)
    saved = _saved(studio.googlenet, settings, solid((GREY, GREY, GREY), SIZE))
    drift = float(np.abs(saved.mean(axis=(0, 1)) - GREY).max())
    return Figure("D4", "drift of a colour's mean on flat grey, levels", drift, Target("at most", 8.0))


DREAM_FIGURES: tuple[Callable[[Studio], Figure], ...] = (
    gain_at_one_level,
    gain_over_octaves,
    gain_of_chosen_channels,
    drift_on_flat_grey,
)


def _gain(network: Network, settings: DreamSettings) -> float:
    start = noise(SIZE, SEED)
    return _mean_square(network, _saved(network, settings, start), None) / _mean_square(network, start, None)


def _saved(network: Network, settings: DreamSettings, start: Image) -> Image:
    """The dream as its PNG has it: whole levels of 0..255."""
    dreamed = carry_out(Dream(network, settings, start, SEED)).image
    return to_bytes(dreamed).astype(np.float32)


def _mean_square(network: Network, image: Image, channels: tuple[int, ...] | None) -> float:
    activations = network.activations(tf.constant(image)[None], (LAYER,), "trained", "replicate")[LAYER]
    chosen = activations if channels is None else tf.gather(activations, channels, axis=3)
    return float(tf.reduce_mean(tf.square(chosen)))
