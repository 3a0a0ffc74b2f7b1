"""Writes a finished stage's files and finds them again, whole or not at all."""

from collections.abc import Mapping

from pydantic import ValidationError

from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactCorruptError, NotFoundError
from shared.jobs.records import ArtifactRef
from shared.plan.records import Plan, Stage
from shared.results import RESULT, StageResult, result_folder
from worker.quarantine import digest, intact, set_aside

MEDIA_TYPES: Mapping[str, str] = {
    "npy": "application/octet-stream",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "apng": "image/apng",
    "mp4": "video/mp4",
}


def keep_artifacts(artifacts: ArtifactStore, stage: Stage, files: Mapping[str, bytes]) -> tuple[ArtifactRef, ...]:
    """Put a stage's files in place."""
    return tuple(_keep(artifacts, result_folder(stage.key), name, data) for name, data in files.items())


def keep_result(artifacts: ArtifactStore, result: StageResult) -> None:
    """Write `result.json`, after everything that it names: from now on the stage counts as done by anyone who looks."""
    artifacts.put(result_folder(result.key) + RESULT, result.model_dump_json(indent=1).encode())


def find_result(artifacts: ArtifactStore, stage: Stage) -> StageResult | None:
    """The result that lies at the stage's key, if it is there and whole; a damaged one is set aside."""
    try:
        result = _read_result(artifacts, stage)
        for item in result.artifacts:
            intact(artifacts, item.key, item.sha256)
    except (NotFoundError, ArtifactCorruptError):
        return None
    return result


def read_artifact(artifacts: ArtifactStore, stage: Stage, name: str) -> bytes:
    """A file of a finished stage, byte for byte as its result names it.

    Raises:
        NotFoundError: the stage has no result, or the result no such file.
        ArtifactCorruptError: the result or the file is damaged; it has been set aside.
    """
    result = _read_result(artifacts, stage)
    named = {item.name: item for item in result.artifacts}
    if name not in named:
        raise NotFoundError(f"{stage.id} has made no {name}; it has made {', '.join(sorted(named)) or 'nothing'}")
    return intact(artifacts, named[name].key, named[name].sha256)


def stages_gone(artifacts: ArtifactStore, plan: Plan, stage: Stage) -> tuple[str, ...]:
    """The stages that a stage needs and whose results are missing or damaged."""
    return tuple(needed for needed in stage.needs if find_result(artifacts, plan.stage(needed)) is None)


def _read_result(artifacts: ArtifactStore, stage: Stage) -> StageResult:
    key = result_folder(stage.key) + RESULT
    data = artifacts.get(key)
    try:
        return StageResult.model_validate_json(data)
    except ValidationError as error:
        reason = f"{key} is damaged: expected the result of {stage.id}, found {len(data):,} bytes that are none"
        set_aside(artifacts, key, data, reason)
        raise ArtifactCorruptError(reason) from error


def _keep(artifacts: ArtifactStore, folder: str, name: str, data: bytes) -> ArtifactRef:
    artifacts.put(folder + name, data)
    media_type = MEDIA_TYPES[name.rpartition(".")[2]]
    return ArtifactRef(name=name, key=folder + name, sha256=digest(data), bytes=len(data), media_type=media_type)
