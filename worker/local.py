"""Carries out a whole job in this process: no queue, no Redis, the same stages and the same bytes."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.artifacts.directory import DirectoryStore
from shared.errors import ArtifactCorruptError, NotFoundError
from shared.plan.records import Plan, Stage, StageKind
from shared.results import StageResult, job_manifest, public_name
from shared.spec.job import JobSpec
from worker.checkpoints import context_of, opened
from worker.maker import stage_result
from worker.quarantine import intact
from worker.results import find_result, keep_artifacts, keep_result, stages_gone
from worker.work import StageHandler

EXACT = ".npy"


@dataclass(frozen=True)
class LocalJob:
    """A job to be carried out here.

    Attributes:
        spec: with its seed.
        plan: made from it.
        folder: where the pictures go; its `.dreamqueue` keeps what a second run takes up.
        exact: also write every frame as float32 `.npy`.
    """

    spec: JobSpec
    plan: Plan
    folder: Path
    exact: bool = False

    @property
    def artifacts(self) -> DirectoryStore:
        """Results and checkpoints of this and earlier runs into the same folder."""
        return artifacts_in(self.folder)


def artifacts_in(folder: Path) -> DirectoryStore:
    """The artifact store of the jobs carried out in a folder."""
    return DirectoryStore(folder / ".dreamqueue")


Report = Callable[[Stage, float, str], None]
"""Told the stage, the share of it that is done, and what is being done."""


def run_job(job: LocalJob, handlers: Mapping[StageKind, StageHandler], report: Report) -> Path:
    """All stages in order; what an earlier run has finished, or begun, is taken up.

    Returns:
        The manifest's path.
    """
    results: dict[str, StageResult] = {}
    for stage in job.plan.stages:
        found = find_result(job.artifacts, stage)
        results[stage.id] = found or _made(job, stage, handlers, report)
        report(stage, 1.0, "reused" if found else "done")
        _publish(job, stage, results[stage.id])
    manifest = job.folder / "manifest.json"
    manifest.write_text(json.dumps(job_manifest(job.spec, job.plan, results), indent=2) + "\n")
    return manifest


def _made(job: LocalJob, stage: Stage, handlers: Mapping[StageKind, StageHandler], report: Report) -> StageResult:
    """A stage's result; where what it needs is damaged or gone, that is made again first."""
    try:
        return _run_stage(job, stage, handlers[stage.kind], report)
    except (NotFoundError, ArtifactCorruptError):
        gone = stages_gone(job.artifacts, job.plan, stage)
        if not gone:
            raise
    for needed in gone:
        _made(job, job.plan.stage(needed), handlers, report)
    return _run_stage(job, stage, handlers[stage.kind], report)


def _run_stage(job: LocalJob, stage: Stage, handler: StageHandler, report: Report) -> StageResult:
    """Unit by unit, with a checkpoint after each."""
    checkpoint = f"checkpoints/{stage.key}.npz"
    begun = job.artifacts.size(checkpoint) is not None
    work = opened(handler, context_of(job.plan, stage, job.artifacts), checkpoint if begun else None)
    began = time.monotonic()
    while not work.finished:
        report(stage, work.progress, work.detail)
        work.advance()
        job.artifacts.put(checkpoint, work.checkpoint())
    kept = keep_artifacts(job.artifacts, stage, work.artifacts())
    result = stage_result(stage, work, kept, time.monotonic() - began)
    keep_result(job.artifacts, result)
    job.artifacts.delete(checkpoint)
    return result


def _publish(job: LocalJob, stage: Stage, result: StageResult) -> None:
    """Lay a stage's files under the names that people know."""
    for item in result.artifacts:
        if item.name.endswith(EXACT) and not job.exact:
            continue
        path = job.folder / public_name(stage, item.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(intact(job.artifacts, item.key, item.sha256))
