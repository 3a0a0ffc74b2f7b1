"""The quality figures of memory: what a worker takes grows with neither the jobs it has done nor a picture's tiles."""

from collections.abc import Callable, Mapping
from typing import Any

from worker.bench.figure import Figure, Target
from worker.bench.footprint import STYLE_IMAGE, footprints
from worker.bench.quality.studio import Studio

JOBS, SETTLED = 50, 5
# As many as the first jobs dream of: what is compiled for a layer stays, for so many layers (worker/engine/ascent.py).
LAYERS = ("mixed3a", "mixed4a", "mixed4c")
STYLE_LAYERS = ("conv1_1", "conv2_1")
LARGE, SMALL = 2048, 1024
TILE = 512


def growth_over_jobs(studio: Studio) -> Figure:
    """P2: dreams and paintings in turn, of sizes that change, through layers that the first jobs have been through."""
    told = footprints([_small_job(number) for number in range(JOBS)], studio.weights)
    growth = told[-1].resident / told[SETTLED - 1].resident - 1.0
    what = f"growth of a worker's memory from job {SETTLED} to job {JOBS}, %"
    return Figure("P2", what, 100.0 * growth, Target("less than", 5.0))


def growth_over_tiles(studio: Studio) -> Figure:
    """P3: what four megapixels take over what one takes, the picture's own copies with it."""
    large, small = (footprints([_tiled(side)], studio.weights)[0].peak for side in (LARGE, SMALL))
    what = f"peak memory at 4 Mpx over 1 Mpx, in tiles of {TILE}"
    return Figure("P3", what, large / small, Target("at most", 1.2))


MEMORY_FIGURES: tuple[Callable[[Studio], Figure], ...] = (growth_over_jobs, growth_over_tiles)


def _small_job(number: int) -> Mapping[str, Any]:
    """A painting after every dream."""
    size = (64 + 3 * (number % 7), 64 + 5 * (number % 4))
    common = {"seed": number, "source": {"noise": {"size": size}}}
    if number % 2:
        images = [{"image": STYLE_IMAGE}]
        return {**common, "style": {"images": images, "iterations": 3, "style_layers": STYLE_LAYERS, "levels": 1}}
    layer = LAYERS[number // 2 % len(LAYERS)]
    return {**common, "dream": {"network": "googlenet", "layers": [layer], "iterations": 2, "repeats": 1}}


def _tiled(side: int) -> Mapping[str, Any]:
    dream = {"network": "vgg16", "layers": ["conv1_2"], "iterations": 1, "repeats": 0, "tile_size": TILE}
    return {"seed": 1, "source": {"noise": {"size": (side, side)}}, "max_size": None, "dream": dream}
