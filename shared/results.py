"""What a finished stage leaves behind, and what people call it."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from shared.jobs.records import ArtifactRef
from shared.networks import NETWORKS
from shared.plan.keys import ENGINE_EPOCH
from shared.plan.records import Plan, Stage, StageKind
from shared.spec.job import JobSpec
from shared.spec.record import Record

RESULT = "result.json"
FOLDERS: Mapping[StageKind, str] = {StageKind.DREAM: "frames/", StageKind.STYLE: "styled/", StageKind.ANIMATE: ""}


class SurveyedLayer(Record):
    """What a dream read off its start picture about a layer."""

    strength: float = Field(description="what the layer's measure is multiplied by")
    channels: tuple[int, ...] | None = Field(description="those that were amplified, all when null")


class StageResult(Record):
    """The `result.json` of a stage, written last: where it lies, everything it names lies too."""

    key: str
    kind: StageKind
    seconds: float
    trace: tuple[dict[str, float], ...]
    survey: dict[str, SurveyedLayer] = Field(default_factory=dict[str, SurveyedLayer])
    artifacts: tuple[ArtifactRef, ...]
    made_by: dict[str, str]


def result_folder(key: str) -> str:
    """The folder of a stage's result in the artifact store, ending in a slash."""
    return f"stages/{key[:2]}/{key}/"


def frame_name(number: int | None, ending: str) -> str:
    """What a stage calls the file of its frame: `frame.png`; `frame-03.png` where it makes several."""
    return f"frame.{ending}" if number is None else f"frame-{number:02d}.{ending}"


def public_name(stage: Stage, name: str) -> str:
    """What clients call a stage's file: `frames/03-mixed4c.png`, `styled/03-mixed4c.npy`, `animation.gif`."""
    if stage.kind is StageKind.ANIMATE:
        return name
    first, ending = stage.id.rpartition("-")[2], name.rpartition(".")[2]
    named = {frame_name(number, ending): number or 0 for number in stage.frames}
    number = f"{int(first) + named[name]:0{len(first)}d}"
    label = stage.labels[named[name]] if stage.labels else stage.label
    return f"{FOLDERS[stage.kind]}{number}-{label}.{ending}"


def job_manifest(spec: JobSpec, plan: Plan, results: Mapping[str, StageResult]) -> dict[str, Any]:
    """Everything needed to make a job's pictures again, with what each stage took and reached.

    Args:
        spec: as it was accepted, with its seed.
        plan: the plan made from it.
        results: of the stages that are done, by stage id.
    """
    return {
        "spec": spec.model_dump(mode="json", exclude_none=True),
        "seed": plan.seed,
        "network": plan.network,
        "size": list(plan.size),
        "weights": {name: NETWORKS[name].identity for name in _networks(plan.stages)},
        "engine_epoch": ENGINE_EPOCH,
        "stages": [_described(stage, results.get(stage.id)) for stage in plan.stages],
    }


def _networks(stages: Iterable[Stage]) -> list[str]:
    """Every network that the stages use, sorted."""
    used = {getattr(stage.parameters, "network", None) for stage in stages}
    return sorted(name for name in used if name is not None)


def _described(stage: Stage, result: StageResult | None) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": stage.id,
        "kind": stage.kind.value,
        "label": stage.label,
        "key": stage.key,
        "parameters": stage.parameters.model_dump(mode="json"),
    }
    if result is None:
        return described
    artifacts = {public_name(stage, item.name): item.sha256 for item in result.artifacts}
    made = result.model_dump(mode="json", include={"seconds", "trace", "survey", "made_by"})
    return described | made | {"artifacts": artifacts}
