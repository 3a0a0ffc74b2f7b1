"""Reads the pictures that a stage needs."""

import io

import numpy as np

from shared.errors import ArtifactCorruptError, NotFoundError
from shared.images import image_key
from shared.plan.records import StageInput
from shared.results import frame_name
from shared.spec.source import Source
from worker.engine.image import Image, decode_png, fit, noise, solid
from worker.engine.motion import Motion, moved
from worker.quarantine import intact
from worker.results import read_artifact
from worker.work import StageContext


def read_input(context: StageContext, item: StageInput) -> Image:
    """The picture that an input names, as the engine wants it."""
    image = _named_image(context, item)
    if item.motion is None:
        return image
    return moved(image, Motion(item.motion.zoom, item.motion.rotate, item.motion.shift))


def _named_image(context: StageContext, item: StageInput) -> Image:
    if item.stage is not None:
        needed = context.plan.stage(item.stage)
        return unpacked_frame(read_artifact(context.artifacts, needed, frame_name(item.frame, "npy")), item.stage)
    if item.source is None:
        raise ValueError(f"an input of {context.stage.id} names neither a stage nor a source")
    image = _source_image(context, item.source, item.seed or 0)
    return fit(image, item.max_size, upscale=item.classic or item.enlarge, classic=item.classic)


def _source_image(context: StageContext, source: Source, seed: int) -> Image:
    if source.image is not None:
        return decode_png(_upload(context, source.image))
    if source.solid is not None:
        return solid(source.solid.rgb, source.solid.size)
    if source.noise is not None:
        return noise(source.noise.size, seed)
    raise ValueError(f"{context.stage.id} reads a source that is no picture: {source.model_dump(exclude_none=True)}")


def _upload(context: StageContext, image: str) -> bytes:
    """A picture that was handed in: none can make it again, but as its id is its digest, it can come again."""
    try:
        return intact(context.artifacts, image_key(image), image.removeprefix("sha256:"))
    except NotFoundError:
        message = f"the picture {image} is gone, or was damaged and set aside; hand it in again and retry the job"
        raise NotFoundError(message) from None


def packed_frame(image: Image) -> bytes:
    """The exact frame as the bytes of an `.npy` file."""
    buffer = io.BytesIO()
    np.save(buffer, image, allow_pickle=False)
    return buffer.getvalue()


def unpacked_frame(data: bytes, stage_id: str) -> Image:
    """The frame that `packed_frame` put away."""
    try:
        return np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ArtifactCorruptError(f"the frame of {stage_id} cannot be read: {error}") from error
