"""The seam figures of modern dreams: whether tiles show."""

import random
from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from worker.bench.figure import Figure, Target
from worker.bench.quality.studio import Studio
from worker.bench.similarity import ssim
from worker.engine.ascent import seamless_tiles
from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Image, noise, solid
from worker.engine.networks import Network
from worker.engine.survey import ascent_of, survey

SEED = 7
SEEDS = (7, 8, 9, 10)
GREY = 128
# Its field is smaller than the pictures below, so that a tile does not simply see all of them.
LAYER = DreamedLayer("mixed3b")
OFF = 4096
NEAR = 8


def gradient_error_at_seams(studio: Studio) -> Figure:
    """T1: the gradient near a seam is that of the picture in one piece."""
    image = noise((256, 448), SEED)
    whole, tiled = (_gradient(studio.googlenet, image, tile_size) for tile_size in (OFF, 64))
    near = _near_seams(studio.googlenet, image, 64)
    error = float(np.abs(tiled - whole)[near].mean() / np.abs(whole)[near].mean())
    what = f"gradient error within {NEAR} px of a seam, tiles over one piece"
    return Figure("T1", what, error, Target("at most", 0.01))


def rows_of_flat_grey(studio: Studio) -> Figure:
    """T2: on a picture without anything in it, seams would be all that there is; each roll of it dreams another one."""
    flat = solid((GREY, GREY, GREY), (320, 64))
    tiled, whole = (
        sum(float(_dreamed(studio.googlenet, flat, size, seed).mean(axis=(1, 2)).std()) for seed in SEEDS)
        for size in (64, OFF)
    )
    what = "deviation of row means of a dream of flat grey, tiles over one piece"
    return Figure("T2", what, tiled / whole, Target("at most", 1.1))


def likeness_of_tile_sizes(studio: Studio) -> Figure:
    """T3: the picture does not depend on the size of the tiles; the least alike of all pairs counts."""
    image = noise((128, 800), SEED)
    dreams = [_dreamed(studio.googlenet, image, tile_size) for tile_size in (256, 512, OFF)]
    least = min(ssim(one, other) for one, other in combinations(dreams, 2))
    return Figure("T3", "SSIM of dreams with tiles of 256, 512 and off", least, Target("at least", 0.98))


SEAM_FIGURES: tuple[Callable[[Studio], Figure], ...] = (
    gradient_error_at_seams,
    rows_of_flat_grey,
    likeness_of_tile_sizes,
)


def _gradient(network: Network, image: Image, tile_size: int) -> Image:
    settings = DreamSettings((LAYER,), tile_size=tile_size)
    ascent = ascent_of(network, settings, survey(network, settings, image))
    return ascent.gradient(image, random.Random(SEED))[1]


def _near_seams(network: Network, image: Image, tile_size: int) -> NDArray[np.bool_]:
    near = np.zeros(image.shape[:2], bool)
    for tile in seamless_tiles(network, (LAYER.name,), (image.shape[0], image.shape[1]), tile_size):
        # The picture's own border is no seam.
        for start, axis in ((tile.rows.start, near), (tile.columns.start, near.T)):
            axis[max(0, start - NEAR) : start + NEAR if start else 0] = True
    return near


def _dreamed(network: Network, image: Image, tile_size: int, seed: int = SEED) -> Image:
    return carry_out(Dream(network, DreamSettings((LAYER,), repeats=0, tile_size=tile_size), image, seed)).image
