"""The quality figures of memory: what a worker takes grows with neither the jobs it has done nor a picture's tiles."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.plan.memory import DREAM_COPIES
from shared.plan.tiles import PIXEL_BYTES
from worker.bench.figure import Figure, Target
from worker.bench.footprint import STYLE_IMAGE, footprints
from worker.bench.quality.studio import Studio

JOBS, SETTLED = 50, 5
# The first jobs have all of them: what is compiled for a layer stays, for so many layers (worker/engine/ascent.py), and
# what oneDNN prepares for a size.
DREAMED = (("mixed3a", (64, 64)), ("mixed4a", (67, 69)), ("mixed4c", (82, 79)))
PAINTED = ((64, 74), (76, 69))
STYLE_LAYERS = ("conv1_1", "conv2_1")
LARGE, SMALL = 2048, 1024
TILE = 512


def growth_over_jobs(studio: Studio) -> Figure:
    """P2: dreams and paintings in turn, through the layers and sizes that the first jobs have been through."""
    told = footprints([_small_job(number) for number in range(JOBS)], studio.weights, studio.precision)
    growth = told[-1].resident / told[SETTLED - 1].resident - 1.0
    what = f"growth of a worker's memory from job {SETTLED} to job {JOBS}, %"
    return Figure("P2", what, 100.0 * growth, Target("less than", 5.0))


def growth_over_tiles(studio: Studio) -> Figure:
    """P3: what four megapixels take over what one takes, but for the picture's own copies, which must grow with it."""
    large, small = (footprints([_tiled(side)], studio.weights, studio.precision)[0].peak for side in (LARGE, SMALL))
    copies = (LARGE**2 - SMALL**2) * PIXEL_BYTES * DREAM_COPIES
    what = f"peak memory at 4 Mpx over 1 Mpx, in tiles of {TILE}, the picture's own copies apart"
    return Figure("P3", what, (large - copies) / small, Target("at most", 1.2))


MEMORY_FIGURES: tuple[Callable[[Studio], Figure], ...] = (growth_over_jobs, growth_over_tiles)


def _small_job(number: int) -> Mapping[str, Any]:
    """A painting after every dream."""
    if number % 2:
        images = [{"image": STYLE_IMAGE}]
        style = {"images": images, "iterations": 3, "style_layers": STYLE_LAYERS, "levels": 1}
        return {"seed": number, "source": {"noise": {"size": PAINTED[number // 2 % len(PAINTED)]}}, "style": style}
    layer, size = DREAMED[number // 2 % len(DREAMED)]
    dream = {"network": "googlenet", "layers": [layer], "iterations": 2, "repeats": 1}
    return {"seed": number, "source": {"noise": {"size": size}}, "dream": dream}


def _tiled(side: int) -> Mapping[str, Any]:
    dream = {"network": "vgg16", "layers": ["conv1_2"], "iterations": 1, "repeats": 0, "tile_size": TILE}
    return {"seed": 1, "source": {"noise": {"size": (side, side)}}, "max_size": None, "dream": dream}
