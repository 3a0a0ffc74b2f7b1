"""The figures of other kernels: the same pictures with oneDNN and without, each in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.bench.figure import Figure, Target
from worker.bench.quality.studio import Studio
from worker.bench.similarity import ssim
from worker.engine.errors import EngineError
from worker.engine.precision import Precision

# Read by TensorFlow when it is loaded, and never again.
ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
# The design has 0.99 for every dream. In bfloat16 the last digit that kernels disagree on is a 256th: docs/quality.md.
ONE_LEVEL: Mapping[Precision, float] = {"float32": 0.99, "mixed": 0.9}
# What the original program has here.
RECURSIVE_BY_CLASSIC = 0.7

Sample = Mapping[str, NDArray[Any]]


def likeness_of_dreams(studio: Studio) -> Figure:
    """R2 of a dream at one level."""
    what = "SSIM of dreams with oneDNN and without, one level"
    return Figure("R2", what, _likeness(studio, "one_level"), Target("at least", ONE_LEVEL[studio.precision]))


def likeness_over_octaves(studio: Studio) -> Figure:
    """R2 of a dream through all octaves, each of which is chaotic and starts from the one before."""
    what = "SSIM of dreams with oneDNN and without, recursive"
    return Figure("R2", what, _likeness(studio, "recursive"), Target("more than", RECURSIVE_BY_CLASSIC))


def difference_of_styles(studio: Studio) -> Figure:
    """R2 of a style transfer."""
    losses = [float(sample["style_loss"]) for sample in _samples(studio)]
    difference = 100 * (max(losses) / min(losses) - 1)
    return Figure("R2", "difference of style losses with oneDNN and without, %", difference, Target("at most", 10.0))


KERNEL_FIGURES: tuple[Callable[[Studio], Figure], ...] = (
    likeness_of_dreams,
    likeness_over_octaves,
    difference_of_styles,
)


def _likeness(studio: Studio, dream: str) -> float:
    one, other = (sample[dream] for sample in _samples(studio))
    return ssim(one, other)


@lru_cache(maxsize=1)
def _samples(studio: Studio) -> tuple[Sample, Sample]:
    return _sample(studio, "1"), _sample(studio, "0")


def _sample(studio: Studio, onednn: str) -> Sample:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sample.npz"
        arguments = (studio.weights.model_dump_json(), studio.precision, str(path))
        # What TensorFlow tells of its build at every start is shown only where the process fails.
        done = subprocess.run(  # noqa: S603
            (sys.executable, "-m", "worker.bench.quality.sample", *arguments),
            env={**os.environ, ONEDNN: onednn},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise EngineError(f"with {ONEDNN}={onednn} nothing could be measured: {done.stderr.strip()}")
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
