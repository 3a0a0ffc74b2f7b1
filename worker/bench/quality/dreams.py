"""The quality figures of modern dreams."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import tensorflow as tf

from worker.bench.figure import Figure, Target
from worker.bench.quality.studio import Studio, saved
from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Image, noise, solid
from worker.engine.networks import Network

SEED = 7
SIZE = (192, 192)
# In smaller pictures the last layers, whose field is larger than these, have no room to grow.
CHAIN_SIDE = 128
GREY = 128
# Between the edges of the first layers and the animals of the last.
LAYER = "mixed4c"
CHOSEN = tuple(range(0, 512, 10))


def gain_at_one_level(studio: Studio) -> Figure:
    """D1 without smaller octaves."""
    gain = _gain(studio, DreamSettings((DreamedLayer(LAYER),), repeats=0))
    return Figure("D1", f"mean(T²) of {LAYER}, result over input, one level", gain, Target("at least", 2.0))


def gain_over_octaves(studio: Studio) -> Figure:
    """D1 through all octaves."""
    gain = _gain(studio, DreamSettings((DreamedLayer(LAYER),)))
    return Figure("D1", f"mean(T²) of {LAYER}, result over input, recursive", gain, Target("at least", 4.0))


def least_gain_along_a_chain(studio: Studio) -> Figure:
    """D1 along googlenet's whole chain: every frame raises its own layer over the frame before."""
    layers = studio.googlenet.layers[1:]
    gains = chain_gains(studio, [DreamSettings((DreamedLayer(layer),)) for layer in layers])
    what = f"mean(T²) of a frame's own layer, frame over the one before, least of {len(layers)}"
    return Figure("D1", what, min(gains), Target("more than", 1.0))


def chain_gains(studio: Studio, chain: Sequence[DreamSettings]) -> tuple[float, ...]:
    """By how much each dream of a chain raises its first layer, as the frame before has it."""
    frames = [studio.picture("cat", CHAIN_SIDE)]
    for settings in chain:
        frames.append(carry_out(Dream(studio.googlenet, settings, frames[-1], SEED)).image)
    neighbours = zip(chain, pairwise(map(saved, frames)), strict=True)
    return tuple(_grown(studio, before, after, settings.names[0]) for settings, (before, after) in neighbours)


def gain_of_chosen_channels(studio: Studio) -> Figure:
    """D2: what was asked for grows more than what was not."""
    start = noise(SIZE, SEED)
    dreamed = _dreamed(studio, DreamSettings((DreamedLayer(LAYER, channels=CHOSEN),)), start)
    others = tuple(sorted(set(range(studio.googlenet.channels(LAYER))) - set(CHOSEN)))
    chosen_gain, other_gain = (_grown(studio, start, dreamed, LAYER, channels) for channels in (CHOSEN, others))
    return Figure(
        "D2", "gain of the chosen channels over the others'", chosen_gain / other_gain, Target("more than", 1.5)
    )


def drift_on_flat_grey(studio: Studio) -> Figure:
    """D4: brightness and colour stay where they were; steps alone do it, so tone is not held."""
    settings = DreamSettings((DreamedLayer(LAYER),), hold_tone=False)
    dreamed = _dreamed(studio, settings, solid((GREY, GREY, GREY), SIZE))
    drift = float(np.abs(dreamed.mean(axis=(0, 1)) - GREY).max())
    return Figure("D4", "drift of a colour's mean on flat grey, levels", drift, Target("at most", 8.0))


DREAM_FIGURES: tuple[Callable[[Studio], Figure], ...] = (
    gain_at_one_level,
    gain_over_octaves,
    least_gain_along_a_chain,
    gain_of_chosen_channels,
    drift_on_flat_grey,
)


def _gain(studio: Studio, settings: DreamSettings) -> float:
    start = noise(SIZE, SEED)
    return _grown(studio, start, _dreamed(studio, settings, start), LAYER)


def _dreamed(studio: Studio, settings: DreamSettings, start: Image) -> Image:
    return saved(carry_out(Dream(studio.googlenet, settings, start, SEED)).image)


def _grown(studio: Studio, before: Image, after: Image, layer: str, channels: tuple[int, ...] | None = None) -> float:
    """mean(T²) of a layer of the one over that of the other."""
    judge = studio.judge("googlenet")
    return _mean_square(judge, after, layer, channels) / _mean_square(judge, before, layer, channels)


def _mean_square(network: Network, image: Image, layer: str, channels: tuple[int, ...] | None) -> float:
    activations = network.activations(tf.constant(image)[None], (layer,), "trained", "replicate")[layer]
    chosen = activations if channels is None else tf.gather(activations, channels, axis=3)
    return float(tf.reduce_mean(tf.square(chosen)))
