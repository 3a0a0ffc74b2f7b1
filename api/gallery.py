"""The files of a job under the names that people call them by, its manifest, its latest picture."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from shared.artifacts.store import ArtifactStore
from shared.errors import NotFoundError
from shared.jobs.records import ArtifactRef, JobRecord, StageRecord
from shared.results import RESULT, StageResult, job_manifest, public_name, result_folder

MANIFEST = "manifest.json"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def listed(job: JobRecord, stages: Sequence[StageRecord]) -> dict[str, ArtifactRef]:
    """Every file of the stages that are done, in the order of the plan."""
    return {
        public_name(job.plan.stage(stage.id), artifact.name): artifact
        for stage in stages
        if stage.status.done
        for artifact in stage.artifacts
    }


def manifest_of(job: JobRecord, stages: Sequence[StageRecord], artifacts: ArtifactStore) -> tuple[bytes, ArtifactRef]:
    """The manifest as JSON, made anew from what is there, and how it is listed."""
    manifest = {
        "job": job.id,
        "name": job.name,
        "status": job.status.value,
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        **job_manifest(job.spec, job.plan, _results(stages, artifacts)),
    }
    body = json.dumps(manifest, indent=2).encode() + b"\n"
    digest = hashlib.sha256(body).hexdigest()
    return body, ArtifactRef(name=MANIFEST, key="", sha256=digest, bytes=len(body), media_type="application/json")


def newest_picture(stages: Sequence[StageRecord]) -> Iterator[str]:
    """Keys of pictures that show where a job is, the best first: previews of what runs, then finished frames."""
    unfinished = [stage for stage in stages if stage.preview is not None and not stage.status.done]
    for stage in sorted(unfinished, key=lambda stage: stage.started_at or _LONG_AGO, reverse=True):
        yield stage.preview or ""
    finished = [stage for stage in stages if stage.status.done]
    for stage in sorted(finished, key=lambda stage: stage.finished_at or _LONG_AGO, reverse=True):
        yield from (artifact.key for artifact in reversed(stage.artifacts) if artifact.media_type == "image/png")


def _results(stages: Sequence[StageRecord], artifacts: ArtifactStore) -> Mapping[str, StageResult]:
    """What the stages that are done left behind; one whose result was removed since is left out."""
    results: dict[str, StageResult] = {}
    for stage in stages:
        if stage.status.done:
            try:
                data = artifacts.get(result_folder(stage.key) + RESULT)
            except NotFoundError:
                continue
            results[stage.id] = StageResult.model_validate_json(data)
    return results
