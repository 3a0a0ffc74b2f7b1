"""The footprint of jobs: what a process takes that carries them out one after another."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.settings import WeightsSettings
from worker.engine.errors import EngineError
from worker.engine.precision import Precision

CARRIER = "worker.bench.carrier"
STYLE_SIZE = (256, 256)
STYLE_IMAGE = "a style"
"""Stands for the only picture that a job may name."""


@dataclass(frozen=True)
class Footprint:
    """What a process takes once it has done a job, in bytes.

    Attributes:
        estimated: what the job's plan says of it.
        peak: the most that the process has taken so far.
        resident: what it takes now.
    """

    estimated: float
    peak: int
    resident: int


def footprints(
    jobs: Sequence[Mapping[str, Any]], weights: WeightsSettings, precision: Precision = "float32"
) -> list[Footprint]:
    """Make the first stage of every job, in order, in a process of their own (Linux)."""
    given = {f"DREAMQUEUE_WEIGHTS__{name.upper()}": str(value) for name, value in weights.model_dump().items() if value}
    told = subprocess.run(  # noqa: S603  (this very interpreter)
        [sys.executable, "-m", CARRIER],
        input=json.dumps(list(jobs)),
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "DREAMQUEUE_WORKER__PRECISION": precision, **given},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if told.returncode:
        raise EngineError(f"the process that carries jobs out ended with {told.returncode}; what it said is above")
    return [Footprint(**json.loads(line)) for line in told.stdout.splitlines()]


def with_style(job: Mapping[str, Any], image: str) -> Any:
    """The job's data, with an uploaded picture for the one that it may name."""
    return json.loads(json.dumps(job).replace(STYLE_IMAGE, image))
