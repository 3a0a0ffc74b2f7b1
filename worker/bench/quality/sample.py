"""Dreams and a painting, made in a process of its own.

`python -m worker.bench.quality.sample WEIGHTS PRECISION FILE`
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from shared.settings import WeightsSettings
from worker.bench.quality.studio import Studio
from worker.engine.computation import carry_out
from worker.engine.device import configure_device
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Image
from worker.engine.precision import Precision
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings

SEED = 7
SMALL_SIDE = 64
# Five octaves are above the network's minimum.
SIDE = 200
RECURSIVE = DreamSettings((DreamedLayer("mixed4c"),))
ONE_LEVEL = replace(RECURSIVE, repeats=0)
STYLING = StyleSettings(iterations=40)


def save_sample(studio: Studio, path: Path) -> None:
    """Write a dream of one level, one of all octaves, and the style loss of a painting, as `.npz`."""
    one_level, recursive = (_dreamed(studio, settings) for settings in (ONE_LEVEL, RECURSIVE))
    photo, painting = studio.picture("cat", SMALL_SIDE), studio.picture("painting", SMALL_SIDE)
    painted = carry_out(Style(studio.vgg16, STYLING, photo, [(painting, 1.0)], SEED))
    np.savez(path, one_level=one_level, recursive=recursive, style_loss=painted.trace[-1]["style"])


def _dreamed(studio: Studio, settings: DreamSettings) -> Image:
    return carry_out(Dream(studio.googlenet, settings, studio.picture("cat", SIDE), SEED)).image


if __name__ == "__main__":
    _, weights, precision, file = sys.argv
    configure_device()
    save_sample(Studio(WeightsSettings.model_validate_json(weights), cast("Precision", precision)), Path(file))
