"""The process that carries jobs out one after another, and tells its footprint after each, a line of JSON."""

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shared.artifacts.directory import DirectoryStore
from shared.images import image_key, stored_size, take_in
from shared.plan.job import plan_job
from shared.plan.records import Plan, StageKind
from shared.plan.surroundings import Surroundings
from shared.settings import Settings, settings_in_force
from shared.spec.job import JobSpec
from worker.bench.footprint import STYLE_SIZE, Footprint, with_style
from worker.engine.image import encode_png, noise
from worker.stages.handlers import stage_handlers
from worker.work import StageContext, StageHandler


def _carried_out(jobs: Sequence[Mapping[str, Any]], settings: Settings) -> Iterator[Footprint]:
    handlers = stage_handlers(settings)
    with tempfile.TemporaryDirectory() as folder:
        artifacts = DirectoryStore(Path(folder))
        style = take_in(encode_png(noise(STYLE_SIZE, 1)), settings.api.max_image_pixels)
        artifacts.put(image_key(style.id), style.png)
        for job in jobs:
            spec = JobSpec.model_validate(with_style(job, style.id))
            plan = plan_job(spec, Surroundings({style.id: stored_size(artifacts, style.id)}))
            _make(plan, handlers, artifacts)
            yield Footprint(plan.memory_gib * 2**30, _told_bytes("VmHWM"), _told_bytes("VmRSS"))


def _make(plan: Plan, handlers: Mapping[StageKind, StageHandler], artifacts: DirectoryStore) -> None:
    """The first stage, with a checkpoint after every unit, as a worker makes it."""
    stage = plan.stages[0]
    work = handlers[stage.kind].open(StageContext(stage, plan, artifacts))
    while not work.finished:
        work.advance()
        work.checkpoint()
    work.artifacts()


def _told_bytes(name: str) -> int:
    """What the system tells of this process' memory."""
    found = re.search(rf"{name}:\s*(\d+) kB", Path("/proc/self/status").read_text())
    if found is None:
        raise OSError(f"this system does not tell {name} of a process")
    return int(found[1]) * 1024


if __name__ == "__main__":
    for footprint in _carried_out(json.load(sys.stdin), settings_in_force()):
        sys.stdout.write(json.dumps(asdict(footprint)) + "\n")
        sys.stdout.flush()
