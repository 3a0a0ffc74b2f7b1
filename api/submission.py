"""Accepts specs: checks them, plans them, stores the job, rings for the workers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError

from api.frames import resolved
from api.problems import invalid_spec
from api.services import Services
from shared.errors import NotFoundError, SpecError, StoreUnavailableError
from shared.images import stored_coverage, stored_size
from shared.jobs.records import JobRecord
from shared.plan.job import plan_job
from shared.plan.records import Plan
from shared.plan.seeds import derived_seed, seeded
from shared.plan.surroundings import Surroundings
from shared.spec.job import JobSpec
from shared.spec.mistakes import mistakes_of

log = structlog.get_logger()


@dataclass(frozen=True)
class Submission:
    """A spec that can be carried out, with its seed and the plan for it."""

    spec: JobSpec
    plan: Plan


def prepared(services: Services, data: Any, idempotency_key: str | None = None) -> Submission:
    """What a client asks for, checked and planned.

    Raises:
        ProblemError: the spec has mistakes; all of them are told.
        SpecError, TooLargeError, NoNetworkKnownError: it cannot be planned here.
        NotFoundError, ConflictError: it starts from a frame that is not there, or not yet.
    """
    spec = resolved(services, _with_seed(_checked(data), idempotency_key))
    sizes = _image_sizes(services, spec)
    coverages = {image: stored_coverage(services.artifacts, image) for image in spec.mask_ids}
    surroundings = Surroundings(
        sizes,
        services.store.equipment(),
        max_cost=services.settings.api.max_cost,
        memory_gib=services.settings.worker.memory_gib or math.inf,
        mask_coverages=coverages,
    )
    return Submission(spec, plan_job(spec, surroundings))


def accepted(
    services: Services, submission: Submission, owner: str, idempotency_key: str | None
) -> tuple[JobRecord, bool]:
    """The job as it is stored, and whether it is new."""
    job, created = services.store.create(submission.spec, submission.plan, owner=owner, idempotency_key=idempotency_key)
    if created:
        ring(services, job.id)
    return job, created


def ring(services: Services, job_id: str) -> None:
    """Tell the workers; the job is stored by now, so a broker that is away only delays it."""
    try:
        services.dispatch(job_id)
    except StoreUnavailableError as error:
        log.warning("not dispatched yet", job_id=job_id, reason=str(error))


def _checked(data: Any) -> JobSpec:
    try:
        return JobSpec.model_validate(data)
    except ValidationError as error:
        raise invalid_spec(mistakes_of(error, data)) from None


def _with_seed(spec: JobSpec, idempotency_key: str | None) -> JobSpec:
    """The spec with a seed; sent again under the same key it must become the same spec, so the key draws it."""
    if spec.seed is None and idempotency_key is not None:
        return spec.model_copy(update={"seed": derived_seed(0, f"idempotency:{idempotency_key}")})
    return seeded(spec)


def _image_sizes(services: Services, spec: JobSpec) -> Mapping[str, tuple[int, int]]:
    """(height, width) of every picture that the spec names."""
    sizes: dict[str, tuple[int, int]] = {}
    services.store.references.hold(spec.image_ids)
    for image in spec.image_ids:
        try:
            sizes[image] = stored_size(services.artifacts, image)
        except NotFoundError:
            message = f"image {image} is not here; upload it with POST /v1/images"
            raise SpecError(message, _pointer(spec, image)) from None
    return sizes


def _pointer(spec: JobSpec, image: str) -> str:
    """Where a spec first names a picture."""
    guide = spec.dream.guide if spec.dream else None
    styles = spec.style.images if spec.style else ()
    masks = spec.style.masks if spec.style else ()
    places = {
        "/source/image": spec.source.image,
        "/dream/guide/image": guide.image if guide else None,
        **{f"/style/images/{number}/image": style.image for number, style in enumerate(styles)},
        **{f"/style/images/{number}/mask/image": mask.image for number, mask in enumerate(masks)},
    }
    return next(place for place, named in places.items() if named == image)
