"""Accepts jobs, shows them, stops them, lets them go on and removes them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from api.answers import JobAnswer, JobPage, PlanAnswer, StageList
from api.bodies import spec_body
from api.conditional import tagged
from api.dependencies import IfNoneMatch, JobId, KnownJob, OwnerDep, ServicesDep, StoreDep, SweeperDep
from api.submission import accepted, prepared, ring
from api.views import job_answer, job_path, job_summary, plan_answer, stage_answer
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus
from shared.jobs.store import JobStore
from shared.spec.file import parse_spec

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

_SPEC = {"schema": {"$ref": "#/components/schemas/JobSpec"}}
BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": _SPEC, "application/yaml": _SPEC}}
}

SpecBody = Annotated[tuple[bytes, str], Depends(spec_body)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        description="sent again by its owner with the same key, a job is accepted only once",
    ),
]


@router.post("", status_code=202, response_model=JobAnswer, responses={200: {"model": PlanAnswer}}, openapi_extra=BODY)
def submit(
    body: SpecBody,
    services: ServicesDep,
    owner: OwnerDep,
    dry_run: Annotated[bool, Query(description="only check the spec, and answer with its plan")] = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Accept a job; it runs as soon as a worker is free."""
    submission = prepared(services, parse_spec(*body), idempotency_key)
    if dry_run:
        plan = plan_answer(submission.plan, services.settings)
        return Response(plan.model_dump_json(), 200, media_type="application/json")
    job, created = accepted(services, submission, owner, idempotency_key)
    answer = job_answer(job, services.store.stages(job.id))
    headers = {"Location": job_path(job.id), "Idempotency-Replayed": str(not created).lower()}
    return Response(answer.model_dump_json(), 202, headers, "application/json")


@router.get("", response_model=JobPage)
def list_jobs(
    request: Request,
    store: StoreDep,
    status: Annotated[JobStatus | None, Query(description="only jobs that stand so")] = None,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Jobs, newest first."""
    jobs, next_cursor = store.page(status, cursor, limit)
    page = JobPage(jobs=[job_summary(job) for job in jobs], next_cursor=next_cursor)
    headers: dict[str, str] = {}
    if next_cursor is not None:
        url = request.url.include_query_params(cursor=next_cursor)
        headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return tagged(page, if_none_match, headers=headers)


@router.get("/{job_id}", response_model=JobAnswer)
def show(job: KnownJob, store: StoreDep, if_none_match: IfNoneMatch = None) -> Response:
    """One job, with its spec and the time left."""
    return tagged(job_answer(job, store.stages(job.id)), if_none_match)


@router.get("/{job_id}/stages", response_model=StageList)
def show_stages(job: KnownJob, store: StoreDep, if_none_match: IfNoneMatch = None) -> Response:
    """The stages of a job, each after those it needs."""
    answer = StageList(stages=[stage_answer(job.plan, stage) for stage in store.stages(job.id)])
    return tagged(answer, if_none_match)


@router.post("/{job_id}/cancel", response_model=JobAnswer, status_code=202, responses={200: {"model": JobAnswer}})
def cancel(job_id: JobId, store: StoreDep) -> Response:
    """Stop a job: 202 while a stage still has to stop, 200 once nothing runs any more."""
    job = store.cancel(job_id)
    return _changed(job, store, 200 if job.status is JobStatus.CANCELED else 202)


@router.post("/{job_id}/pause", response_model=JobAnswer)
def pause(job_id: JobId, store: StoreDep) -> Response:
    """Let a job rest: what runs is put away at its next unit; nothing of it is lost."""
    return _changed(store.pause(job_id), store)


@router.post("/{job_id}/resume", response_model=JobAnswer)
def resume(job_id: JobId, services: ServicesDep, store: StoreDep) -> Response:
    """Wake a paused job; it goes on where it was put away."""
    job = store.resume(job_id)
    ring(services, job_id)
    return _changed(job, store)


@router.post("/{job_id}/retry", response_model=JobAnswer)
def retry(job_id: JobId, services: ServicesDep, store: StoreDep) -> Response:
    """Take up a failed job at the stage that failed."""
    job = store.retry(job_id)
    ring(services, job_id)
    return _changed(job, store)


@router.delete("/{job_id}", status_code=204)
def remove(job_id: JobId, sweeper: SweeperDep) -> None:
    """Remove a job that has ended, with the pictures that no other job refers to; cut off, it may be asked again."""
    sweeper.remove(job_id)


def _changed(job: JobRecord, store: JobStore, status: int = 200) -> Response:
    answer = job_answer(job, store.stages(job.id))
    return Response(answer.model_dump_json(), status, {"Location": job_path(job.id)}, "application/json")
