"""Writes a finished stage's files and finds them again."""

import hashlib
from collections.abc import Mapping

from pydantic import ValidationError

from shared.artifacts.store import ArtifactStore
from shared.errors import NotFoundError
from shared.jobs.records import ArtifactRef
from shared.plan.records import Plan, Stage
from shared.results import StageResult, result_folder

RESULT = "result.json"
MEDIA_TYPES: Mapping[str, str] = {
    "npy": "application/octet-stream",
    "png": "image/png",
    "gif": "image/gif",
}


def keep_artifacts(artifacts: ArtifactStore, stage: Stage, files: Mapping[str, bytes]) -> tuple[ArtifactRef, ...]:
    """Put a stage's files in place."""
    return tuple(_keep(artifacts, result_folder(stage.key), name, data) for name, data in files.items())


def keep_result(artifacts: ArtifactStore, result: StageResult) -> None:
    """Write `result.json`, after everything that it names: from now on the stage counts as done by anyone who looks."""
    artifacts.put(result_folder(result.key) + RESULT, result.model_dump_json(indent=1).encode())


def find_result(artifacts: ArtifactStore, stage: Stage) -> StageResult | None:
    """The result that lies at the stage's key, if it is there and whole; a damaged one counts as absent."""
    try:
        result = StageResult.model_validate_json(artifacts.get(result_folder(stage.key) + RESULT))
        whole = all(_digest(artifacts.get(item.key)) == item.sha256 for item in result.artifacts)
    except (NotFoundError, ValidationError):
        return None
    return result if whole else None


def stages_gone(artifacts: ArtifactStore, plan: Plan, stage: Stage) -> tuple[str, ...]:
    """The stages that a stage needs and whose results are missing or damaged."""
    return tuple(needed for needed in stage.needs if find_result(artifacts, plan.stage(needed)) is None)


def _keep(artifacts: ArtifactStore, folder: str, name: str, data: bytes) -> ArtifactRef:
    artifacts.put(folder + name, data)
    media_type = MEDIA_TYPES[name.rpartition(".")[2]]
    return ArtifactRef(name=name, key=folder + name, sha256=_digest(data), bytes=len(data), media_type=media_type)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
