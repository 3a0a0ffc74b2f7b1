"""How records are written as fields of Redis hashes, and read back."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from shared.jobs.owner import ANONYMOUS
from shared.jobs.records import ArtifactRef, Failure, JobRecord, StageRecord
from shared.jobs.status import JobStatus, StageStatus
from shared.plan.records import Plan, Stage
from shared.spec.job import JobSpec

ARTIFACTS = TypeAdapter(tuple[ArtifactRef, ...])
Fields = Mapping[str, str]


def job_fields(job_id: str, owner: str, spec: JobSpec, plan: Plan) -> dict[str, Any]:
    """What never changes of a job."""
    return {
        "id": job_id,
        "owner": owner,
        "name": spec.name,
        "spec": spec.model_dump_json(),
        "plan": plan.model_dump_json(),
        "stage_ids": json.dumps([stage.id for stage in plan.stages]),
        "stages_total": len(plan.stages),
        "work": plan.work,
        "image_ids": json.dumps(spec.image_ids),
    }


def stage_fields(plan: Plan) -> list[dict[str, Any]]:
    """What never changes of each stage, with the number of stages that it waits for."""
    return [_stage_fields(stage, _needed_by(stage.id, plan.stages)) for stage in plan.stages]


def failure_text(failure: Failure) -> str:
    """A failure without what a stage keeps beside it."""
    return failure.model_dump_json(include={"code", "message", "stage", "worker", "attempt"})


def _needed_by(stage_id: str, stages: Iterable[Stage]) -> list[str]:
    return [stage.id for stage in stages if stage_id in stage.needs]


def _stage_fields(stage: Stage, needed_by: list[str]) -> dict[str, Any]:
    return {
        "id": stage.id,
        "kind": stage.kind.value,
        "label": stage.label,
        "index": stage.index,
        "key": stage.key,
        "work": stage.work,
        "needed_by": json.dumps(needed_by),
        "waiting": len(stage.needs),
    }


def job_record(fields: Fields) -> JobRecord:
    """A job from its hash."""
    status = JobStatus(fields["status"])
    return JobRecord(
        id=fields["id"],
        owner=fields.get("owner", ANONYMOUS),
        name=fields["name"],
        status=status,
        spec=JobSpec.model_validate_json(fields["spec"]),
        plan=Plan.model_validate_json(fields["plan"]),
        created_at=_required_time(fields["created_at"]),
        updated_at=_required_time(fields["updated_at"]),
        finished_at=_time(fields.get("finished_at")),
        stages_total=int(fields["stages_total"]),
        stages_done=int(fields["stages_done"]),
        progress=_job_progress(status, fields),
        failure=_failure(fields.get("failure")),
        pictures_gone_at=_time(fields.get("pictures_gone_at")),
    )


def stage_record(stage: Stage, fields: Fields) -> StageRecord:
    """A stage from its hash."""
    return StageRecord(
        id=stage.id,
        kind=stage.kind,
        label=stage.label,
        index=stage.index,
        frames=len(stage.frames),
        needs=stage.needs,
        key=stage.key,
        status=StageStatus(fields["status"]),
        attempts=int(fields["attempts"]),
        progress=_share(float(fields["progress"])),
        detail=fields.get("detail", ""),
        worker=fields.get("worker") or None,
        checkpoint=fields.get("checkpoint") or None,
        preview=fields.get("preview") or None,
        started_at=_time(fields.get("started_at")),
        finished_at=_time(fields.get("finished_at")),
        seconds=float(fields["seconds"]) if fields.get("seconds") else None,
        failure=_stage_failure(fields),
        artifacts=ARTIFACTS.validate_json(fields.get("artifacts") or "[]"),
    )


def _job_progress(status: JobStatus, fields: Fields) -> float:
    if status is JobStatus.SUCCEEDED:
        return 1.0
    return _share(float(fields["worked"]) / max(float(fields["work"]), 1e-12))


def _share(value: float) -> float:
    return max(0.0, min(1.0, value))


def _failure(text: str | None) -> Failure | None:
    return Failure.model_validate_json(text) if text else None


def _stage_failure(fields: Fields) -> Failure | None:
    """A stage's failure with what is kept beside it, so that events and lists of jobs stay small."""
    failure = _failure(fields.get("failure"))
    if failure is None:
        return None
    kept = {
        "at": _time(fields.get("failed_at")),
        "log_tail": fields.get("log_tail") or None,
        "traceback": fields.get("traceback") or None,
        "traceback_attempt": int(fields["traceback_attempt"]) if fields.get("traceback_attempt") else None,
    }
    return failure.model_copy(update=kept)


def _time(milliseconds: str | None) -> datetime | None:
    return _required_time(milliseconds) if milliseconds else None


def _required_time(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
