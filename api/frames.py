"""Finds the frame of another job that a spec starts from, and keeps it as an image."""

import hashlib
from collections.abc import Sequence

from api.services import Services
from api.uploads import upload
from shared.errors import ArtifactCorruptError, ConflictError, NotFoundError
from shared.jobs.records import ArtifactRef, StageRecord
from shared.plan.records import StageKind
from shared.results import frame_name
from shared.spec.job import JobSpec
from shared.spec.source import Frame, Source


def resolved(services: Services, spec: JobSpec) -> JobSpec:
    """The spec with the picture itself in place of a frame: from now on it depends on no other job.

    Raises:
        NotFoundError: there is no such job or frame, or its file is gone.
        ConflictError: the frame is not made yet.
        ArtifactCorruptError: the frame's file is damaged.
    """
    frame = spec.source.frame
    if frame is None:
        return spec
    made = _picture(_stage_of(frame, services.store.stages(frame.job)), frame)
    data = services.artifacts.get(made.key)
    if hashlib.sha256(data).hexdigest() != made.sha256:
        raise ArtifactCorruptError(f"{_named(frame)} is damaged; once its job has made it again, submit again")
    picture = upload(services.store, services.artifacts, data, services.settings.api.max_image_pixels)
    return spec.model_copy(update={"source": Source(image=picture.id)})


def _stage_of(frame: Frame, stages: Sequence[StageRecord]) -> StageRecord:
    """The stage that makes a frame as the job's animation shows it: painted, where the job paints."""
    made = [stage for stage in stages if stage.kind is StageKind.STYLE]
    making = [stage for stage in made or stages if stage.kind is not StageKind.ANIMATE]
    frames = {stage.index + number: stage for stage in making for number in range(stage.frames)}
    if frame.index not in frames:
        raise NotFoundError(f"there is no {_named(frame)}; its frames are 0 to {max(frames)}")
    return frames[frame.index]


def _picture(stage: StageRecord, frame: Frame) -> ArtifactRef:
    if not stage.status.done:
        reason = f"its stage {stage.id} is {stage.status.value}; submit again once it has succeeded"
        raise ConflictError(f"{_named(frame)} is not made: {reason}")
    name = frame_name(frame.index - stage.index if stage.frames > 1 else None, "png")
    return next(artifact for artifact in stage.artifacts if artifact.name == name)


def _named(frame: Frame) -> str:
    return f"frame {frame.index} of job {frame.job}"
