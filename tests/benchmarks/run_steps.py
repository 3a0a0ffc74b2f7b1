"""Times exported steps on the device that JAX finds, beside the device's peak, and compares them with the CPU's.

It needs JAX and this repository's files, and no TensorFlow.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jax  # pyright: ignore[reportMissingImports]
import numpy as np
from jax import numpy as jnp  # pyright: ignore[reportMissingImports]
from jax.extend import backend  # pyright: ignore[reportMissingImports]

from tests.benchmarks.cards import stated_peak
from tests.benchmarks.stablehlo import PRECISIONS
from worker.bench.similarity import ssim

WARM_UPS = 2
# Side of the product that tells a peak where none is stated.
SIDES = {"cpu": 1024, "gpu": 8192}
# By precision: the largest error of a measured value, and how alike the pictures must be.
BOUNDS = {"float32": (1e-3, 0.999), "tf32": (1e-2, 0.98), "bf16": (5e-2, 0.98)}


@dataclass(frozen=True)
class Timing:
    """One exported step in one precision.

    Attributes:
        step: its name and size.
        precision: what its convolutions are computed in.
        milliseconds: of one step, the median.
        teraflops: floating-point operations a second, in 10^12.
        peak: what the device can do at most, in the same unit.
        peak_is: `stated` by the card's maker, or `measured` on a large product.
        error: the largest error of a measured value beside the CPU's, over the largest of its kind.
        likeness: SSIM of the picture and the CPU's.
    """

    step: str
    precision: str
    milliseconds: float
    teraflops: float
    peak: float
    peak_is: str
    error: float
    likeness: float

    @property
    def holds(self) -> bool:
        """Whether the result is the CPU's, as far as the precision can tell."""
        error, likeness = BOUNDS[self.precision]
        return self.error <= error and self.likeness >= likeness

    def __str__(self) -> str:
        """A line of the table."""
        share = f"{self.teraflops / self.peak:7.1%} of {self.peak:7.2f} ({self.peak_is})"
        verdict = "" if self.holds else "  MISSED"
        return (
            f"{self.step:<18}{self.precision:<8}{self.milliseconds:>10.2f} ms{self.teraflops:>9.3f} TFLOP/s{share}"
            f"   error {self.error:.1e}   SSIM {self.likeness:.5f}{verdict}"
        )


def main() -> int:
    """Time every step of a folder; 1 where a result is not the CPU's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="what export_steps has written")
    parser.add_argument("--repeats", type=int, default=20, help="timed calls; the median counts")
    parser.add_argument("--json", type=Path, help="where to write the timings, besides the table")
    asked = parser.parse_args()
    device = jax.devices()[0]
    sys.stdout.write(f"{device.device_kind} ({device.platform}), JAX {jax.__version__}\n")
    timings: list[Timing] = []
    for timing in timed(asked.folder, asked.repeats):
        sys.stdout.write(f"{timing}\n")
        timings.append(timing)
    if asked.json:
        told = {
            "device": device.device_kind,
            "timings": [asdict(timing) | {"holds": timing.holds} for timing in timings],
        }
        asked.json.write_text(json.dumps(told, indent=2) + "\n")
    return 0 if timings and all(timing.holds for timing in timings) else 1


def timed(folder: Path, repeats: int) -> Iterator[Timing]:
    """Every step in every precision."""
    for manifest in sorted(folder.glob("*/manifest.json")):
        for precision in PRECISIONS:
            yield timing_of(manifest.parent, precision, repeats)


def timing_of(folder: Path, precision: str, repeats: int) -> Timing:
    """Compile, time and compare one step in one precision."""
    manifest = json.loads((folder / "manifest.json").read_text())
    call = loaded(folder, precision)
    seconds, outputs = median_seconds(call, repeats)
    rate = manifest["operations_a_step"] * manifest["steps"] / seconds
    peak, peak_is = peak_of(precision)
    with np.load(folder / "expected.npz") as expected:
        picture, measured = expected["picture"], expected["measured"]
    # Over the largest of its kind: a style that starts as its content has a first content loss of nothing but rounding.
    error = np.abs(np.asarray(outputs[-1]) - measured) / np.abs(measured).max(axis=0)
    return Timing(
        step=folder.name,
        precision=precision,
        milliseconds=1e3 * seconds / manifest["steps"],
        teraflops=rate / 1e12,
        peak=peak / 1e12,
        peak_is=peak_is,
        error=float(error.max()),
        likeness=ssim(np.asarray(outputs[0]), picture),
    )


def loaded(folder: Path, precision: str) -> Callable[[], Sequence[Any]]:
    """A step, compiled for the device, with its arguments there."""
    text = PRECISIONS[precision]((folder / "step.mlir").read_text())
    executable = backend.get_backend().compile_and_load(text, jax.devices()[:1])
    with np.load(folder / "arguments.npz") as arrays:
        arguments = [jax.device_put(arrays[name]) for name in arrays.files]

    def call() -> Sequence[Any]:
        results = executable.execute_sharded(arguments).disassemble_into_single_device_arrays()
        return jax.block_until_ready([shards[0] for shards in results])

    return call


def median_seconds(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """The median time of a call that is warm, and what it returned last."""
    seconds: list[float] = []
    result: Any = None
    for _ in range(WARM_UPS + repeats):
        began = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[WARM_UPS:]), result


@lru_cache
def peak_of(precision: str) -> tuple[float, str]:
    """FLOP/s that the device can do at most, and how that is known."""
    device = jax.devices()[0]
    stated = stated_peak(device.device_kind, precision)
    return (stated, "stated") if stated else (measured_peak(precision, SIDES.get(device.platform, 4096)), "measured")


def measured_peak(precision: str, side: int) -> float:
    """FLOP/s of a large product of square matrices."""
    matrix = jnp.ones((side, side), jnp.bfloat16 if precision == "bf16" else jnp.float32)
    exactly = "highest" if precision == "float32" else "default"
    product = jax.jit(lambda one: jnp.matmul(one, one, precision=exactly, preferred_element_type=jnp.float32))
    seconds, _ = median_seconds(lambda: product(matrix).block_until_ready(), 5)
    return 2 * side**3 / seconds


if __name__ == "__main__":
    sys.exit(main())
