"""Turns the store's records into answers."""

from collections.abc import Sequence

from api.answers import (
    ArtifactAnswer,
    FailureAnswer,
    JobAnswer,
    JobLinks,
    JobSummary,
    PlanAnswer,
    PlannedStage,
    PresetList,
    PresetSummary,
    StageAnswer,
    StageFailureAnswer,
)
from api.eta import seconds_left
from shared.jobs.records import ArtifactRef, Failure, JobRecord, StageRecord
from shared.plan.records import Plan, Stage
from shared.presets.catalogue import Preset, presets
from shared.results import public_name
from shared.settings import Settings


def job_path(job_id: str) -> str:
    """Where a job is."""
    return f"/v1/jobs/{job_id}"


def job_summary(job: JobRecord) -> JobSummary:
    """A job as a list shows it."""
    return JobSummary(
        id=job.id,
        owner=job.owner,
        name=job.name,
        status=job.status,
        progress=job.progress,
        stages_total=job.stages_total,
        stages_done=job.stages_done,
        created_at=job.created_at,
        updated_at=job.updated_at,
        finished_at=job.finished_at,
        pictures_gone_at=job.pictures_gone_at,
        failure=failure_answer(job.failure),
        links=_links(job.id),
    )


def job_answer(job: JobRecord, stages: Sequence[StageRecord]) -> JobAnswer:
    """A job with its spec and the time it still takes."""
    return JobAnswer(
        **dict(job_summary(job)),
        seed=job.plan.seed,
        network=job.plan.network,
        size=job.plan.size,
        eta_seconds=None if job.status.final else seconds_left(job.plan, stages),
        spec=job.spec,
    )


def stage_answer(plan: Plan, stage: StageRecord) -> StageAnswer:
    """A stage with the names of its files."""
    planned = plan.stage(stage.id)
    return StageAnswer(
        id=stage.id,
        kind=stage.kind,
        label=stage.label,
        index=stage.index,
        frames=stage.frames,
        needs=stage.needs,
        work=planned.work,
        status=stage.status,
        attempts=stage.attempts,
        progress=stage.progress,
        detail=stage.detail,
        worker=stage.worker,
        started_at=stage.started_at,
        finished_at=stage.finished_at,
        seconds=stage.seconds,
        failure=stage_failure_answer(stage.failure),
        artifacts=tuple(public_name(planned, artifact.name) for artifact in stage.artifacts),
    )


def plan_answer(plan: Plan, settings: Settings) -> PlanAnswer:
    """A plan without the parameters that only workers need, beside the most that is accepted."""
    return PlanAnswer(
        seed=plan.seed,
        network=plan.network,
        size=plan.size,
        work=plan.work,
        max_work=settings.api.max_cost,
        memory_gib=plan.memory_gib,
        max_memory_gib=settings.worker.memory_gib,
        stages=[_planned_stage(stage) for stage in plan.stages],
    )


def artifact_answer(job_id: str, name: str, artifact: ArtifactRef) -> ArtifactAnswer:
    """A file under the name that people call it by."""
    return ArtifactAnswer(
        name=name,
        bytes=artifact.bytes,
        sha256=artifact.sha256,
        media_type=artifact.media_type,
        url=f"{job_path(job_id)}/artifacts/{name}",
    )


def preset_summary(preset: Preset) -> PresetSummary:
    """A preset as a list shows it."""
    return PresetSummary(name=preset.name, title=preset.title, url=f"/v1/presets/{preset.name}")


def preset_list() -> PresetList:
    """Every preset."""
    return PresetList(presets=[preset_summary(preset) for preset in presets()])


def failure_answer(failure: Failure | None) -> FailureAnswer | None:
    """A failure as lists show it."""
    return None if failure is None else FailureAnswer(**failure.model_dump(include=set(FailureAnswer.model_fields)))


def stage_failure_answer(failure: Failure | None) -> StageFailureAnswer | None:
    """A failure with all that is known of it."""
    return None if failure is None else StageFailureAnswer(**dict(failure))


def _planned_stage(stage: Stage) -> PlannedStage:
    return PlannedStage(
        id=stage.id,
        kind=stage.kind,
        label=stage.label,
        index=stage.index,
        frames=len(stage.frames),
        needs=stage.needs,
        work=stage.work,
        memory_gib=stage.memory_gib,
    )


def _links(job_id: str) -> JobLinks:
    path = job_path(job_id)
    return JobLinks(
        self=path,
        stages=f"{path}/stages",
        events=f"{path}/events",
        artifacts=f"{path}/artifacts",
        preview=f"{path}/preview",
        cancel=f"{path}/cancel",
    )
