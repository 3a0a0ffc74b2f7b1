"""Measures what jobs take of the memory, each in a process of its own, beside what their plans say of them.

    python -m tests.benchmarks.memory --weights FOLDER [--small]

Every job is done in float32 with TensorFlow's own kernels and with oneDNN's, and in mixed precision with oneDNN's,
which takes its time where the processor has no bfloat16. Exits 1 where an estimate is more than a quarter off.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.plan.job import plan_job
from shared.plan.memory import Pictures, stage_gib
from shared.plan.surroundings import Surroundings, frame_size
from shared.settings import WeightsSettings
from shared.spec.job import JobSpec
from worker.bench.footprint import STYLE_IMAGE, STYLE_SIZE, footprints, with_style
from worker.engine.precision import Precision

GIB = 2**30
TOLERANCE = 0.25
COLUMNS: Sequence[tuple[str, str, Precision]] = (
    ("own", "0", "float32"),
    ("oneDNN", "1", "float32"),
    ("oneDNN, mixed", "1", "mixed"),
)
"""What computes: its name, whether oneDNN does, and the precision."""
SMALL, LARGE = (384, 512), (768, 1024)
TILED = (1152, 1536)
ANY_IMAGE = "sha256:" + 64 * "0"


def dream(network: str, layer: str, size: tuple[int, int], tile: int = 4096, profile: str = "modern") -> dict[str, Any]:
    """One step at one octave."""
    settings = {"iterations": 1, "repeats": 0, "tile_size": tile, "profile": profile}
    return {**of(size), "dream": {"network": network, "layers": [layer], **settings}}


def style(size: tuple[int, int], **settings: Any) -> dict[str, Any]:
    """One step at one size."""
    images = [{"image": STYLE_IMAGE}]
    return {**of(size), "style": {"images": images, "iterations": 1, "levels": 1, "memory_gib": 64, **settings}}


def of(size: tuple[int, int]) -> dict[str, Any]:
    """What all jobs share."""
    return {"seed": 1, "source": {"noise": {"size": size}}, "max_size": None}


def grid(sizes: Sequence[tuple[int, int]]) -> Iterator[Mapping[str, Any]]:
    """Sizes, layers and profiles, whole and in tiles."""
    for size in sizes:
        for layer in ("conv2d0", "mixed3a", "mixed4c", "mixed5b"):
            yield dream("googlenet", layer, size)
        for layer in ("conv1_2", "conv2_1", "conv4_2", "conv5_3"):
            yield dream("vgg16", layer, size)
        for optimizer in ("adam", "lbfgs", "gradient-descent"):
            yield style(size, optimizer=optimizer)
        yield style(size, style_layers=["conv1_1", "conv2_1"], content_layers=["conv2_1"])
        yield dream("vgg16", "conv4_2", size, 400, "classic")
        yield style(size, profile="classic", optimizer="gradient-descent", levels=1)
    yield dream("googlenet", "mixed4c", TILED, 256)
    yield dream("vgg16", "conv3_1", TILED, 256)
    yield style(LARGE, memory_gib=1)


def estimated_gib(job: Mapping[str, Any], precision: Precision) -> float:
    """What a stage takes by what is known of it beforehand; a plan says it of float32."""
    spec = JobSpec.model_validate(with_style(job, ANY_IMAGE))
    (stage,) = plan_job(spec, Surroundings({ANY_IMAGE: STYLE_SIZE})).stages
    return stage_gib(stage.parameters, Pictures(frame_size(spec, {})), precision)


def measured_gib(job: Mapping[str, Any], weights: WeightsSettings, onednn: str, precision: Precision) -> float:
    """What a process takes at most that does the job."""
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = onednn
    return footprints([job], weights, precision)[0].peak / GIB


def main() -> bool:
    """Print a line a measurement, as the table in docs/performance.md has it; tells whether all estimates hold."""
    parser = argparse.ArgumentParser(description="Memory of jobs, estimated and measured.")
    parser.add_argument("--weights", type=Path, required=True, help="folder of the trained networks")
    parser.add_argument("--small", action="store_true", help="only the smaller of two sizes")
    chosen = parser.parse_args()
    weights, held = WeightsSettings(dir=chosen.weights), True
    for job in grid((SMALL,) if chosen.small else (SMALL, LARGE)):
        for kernels, onednn, precision in COLUMNS:
            estimated, measured = estimated_gib(job, precision), measured_gib(job, weights, onednn, precision)
            held = held and abs(estimated / measured - 1.0) <= TOLERANCE
            line = f"| {described(job)} | {kernels} | {estimated:.2f} | {measured:.2f} | {estimated / measured:.2f} |"
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return held


def described(job: Mapping[str, Any]) -> str:
    """What tells a job of the grid from the others."""
    height, width = job["source"]["noise"]["size"]
    if "dream" in job:
        asked = job["dream"]
        tiles = f", tiles of {asked['tile_size']}" if asked["tile_size"] < max(height, width) else ""
        return f"{height} x {width} | dream {asked['network']} {asked['layers'][0]}{tiles}, {asked['profile']}"
    asked = job["style"]
    named = {name: value for name, value in asked.items() if name not in {"images", "iterations", "levels"}}
    return f"{height} x {width} | style " + ", ".join(f"{name} {value}" for name, value in named.items())


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
