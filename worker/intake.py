"""Makes a local job of a spec's file: reads it, takes in its pictures and plans it."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from shared.images import image_key, stored_coverage, stored_size, take_in
from shared.machine import worker_memory_gib
from shared.plan.job import plan_job
from shared.plan.seeds import seeded
from shared.plan.surroundings import Surroundings
from shared.settings import Settings
from shared.spec.file import read_spec, replace_images
from shared.spec.job import JobSpec
from shared.spec.mistakes import mistakes_of, refusal
from worker.equipment import equipment_here
from worker.local import LocalJob, artifacts_in


def local_job(path: Path, overrides: Sequence[str], folder: Path, settings: Settings, *, exact: bool) -> LocalJob:
    """The job that a file describes, ready to be carried out in `folder`.

    Raises:
        SpecError: the file or a picture in it cannot be used.
    """
    store = artifacts_in(folder)

    def upload(image: Path) -> str:
        picture = take_in(image.read_bytes(), settings.api.max_image_pixels)
        store.put(image_key(picture.id), picture.png)
        return picture.id

    data = replace_images(read_spec(path, overrides), upload)
    try:
        spec = seeded(JobSpec.model_validate(data))
    except ValidationError as error:
        raise refusal(mistakes_of(error, data), str(path)) from error
    sizes = {image: stored_size(store, image) for image in spec.image_ids}
    coverages = {image: stored_coverage(store, image) for image in spec.mask_ids}
    memory_gib = settings.worker.memory_gib or worker_memory_gib()
    equipment = equipment_here(settings)
    plan = plan_job(spec, Surroundings(sizes, equipment, memory_gib=memory_gib, mask_coverages=coverages))
    return LocalJob(spec, plan, folder, exact)
