"""Files that are damaged where they lie: found before they are used, set aside and made again."""

from pathlib import Path

import pytest
from PIL import Image

from shared.errors import ArtifactCorruptError, ArtifactStoreError, NotFoundError
from shared.images import image_key, take_in
from shared.jobs.status import JobStatus
from shared.plan.job import plan_job
from shared.plan.records import StageKind
from shared.plan.surroundings import Surroundings
from shared.results import result_folder
from shared.spec.job import JobSpec
from tests.counting import CountingHandler
from tests.worker.scene import UNITS, Scene, commits, raising
from worker.results import find_result
from worker.stages.inputs import read_input
from worker.work import StageContext, StageWork


def flip_first_bit(scene: Scene, key: str) -> bytes:
    """Damage a file as an ageing disk would; returns what it holds now."""
    data = scene.artifacts.get(key)
    scene.artifacts.put(key, bytes([data[0] ^ 1]) + data[1:])
    return scene.artifacts.get(key)


def first_key(scene: Scene, job_id: str, name: str) -> str:
    return result_folder(scene.store.get(job_id).plan.stage("dream-00").key) + name


def quarantined(scene: Scene) -> dict[str, bytes]:
    return {key.removeprefix("quarantine/"): scene.artifacts.get(key) for key in scene.artifacts.keys("quarantine")}


@pytest.mark.parametrize("name", ["frame.npy", "result.json"])
def test_a_flipped_bit_in_what_a_stage_needs_has_it_set_aside_and_made_again(
    scene: Scene, undisturbed: dict[str, bytes], name: str
) -> None:
    job = scene.submit()
    scene.runner().run(job.id, "dream-00", "task")
    key = first_key(scene, job.id, name)
    damaged = flip_first_bit(scene, key)

    with pytest.raises(ArtifactCorruptError, match=f"{name} is damaged: expected .*, found"):
        scene.runner().run(job.id, "style-00", "task")
    waiting = scene.store.runnable(job.id)
    scene.run_all(job.id)

    assert waiting == ("dream-00",)
    assert scene.store.get(job.id).status is JobStatus.SUCCEEDED
    assert scene.result_bytes(job.id) == undisturbed
    assert commits(scene, job.id, "dream-00") == 2
    assert quarantined(scene) == {key: damaged}


@pytest.mark.parametrize("name", ["frame.npy", "frame.png", "result.json"])
def test_a_flipped_bit_in_a_result_that_could_be_reused_has_it_set_aside_and_made_again(
    scene: Scene, undisturbed: dict[str, bytes], name: str
) -> None:
    first, second = scene.submit(), scene.submit()
    scene.run_all(first.id)
    key = first_key(scene, first.id, name)
    damaged = flip_first_bit(scene, key)
    scene.units.clear()

    scene.run_all(second.id)

    assert [unit for stage, unit in scene.units if stage == "dream-00"] == list(range(UNITS))
    assert scene.result_bytes(second.id) == undisturbed
    assert quarantined(scene) == {key: damaged}


def test_a_flipped_bit_in_a_checkpoint_is_met_once_not_by_every_attempt(
    scene: Scene, undisturbed: dict[str, bytes]
) -> None:
    job = scene.submit()
    scene.on_unit = raising(OSError("unplugged"), at=("dream-00", 2))
    with pytest.raises(OSError, match="unplugged"):
        scene.runner().run(job.id, "dream-00", "task")
    checkpoint = scene.store.stage(job.id, "dream-00").checkpoint or ""
    damaged = flip_first_bit(scene, checkpoint)

    scene.run_all(job.id)

    assert scene.result_bytes(job.id) == undisturbed
    assert quarantined(scene) == {checkpoint: damaged}


def test_what_is_only_missing_is_no_case_for_the_quarantine(scene: Scene) -> None:
    job = scene.submit()
    scene.runner().run(job.id, "dream-00", "task")
    scene.artifacts.delete(first_key(scene, job.id, "frame.npy"))

    found = find_result(scene.artifacts, job.plan.stage("dream-00"))

    assert found is None
    assert quarantined(scene) == {}


def test_a_damaged_frame_is_made_again_even_where_there_is_no_room_to_set_it_aside(
    scene: Scene, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = scene.submit()
    scene.runner().run(job.id, "dream-00", "task")
    flip_first_bit(scene, first_key(scene, job.id, "frame.npy"))
    put = scene.artifacts.put

    def no_room(key: str, data: bytes) -> None:
        if key.startswith("quarantine/"):
            raise ArtifactStoreError(f"cannot write {key}: No space left on device")
        put(key, data)

    monkeypatch.setattr(scene.artifacts, "put", no_room)
    with pytest.raises(ArtifactCorruptError):
        scene.runner().run(job.id, "style-00", "task")
    scene.run_all(job.id)

    assert scene.result_bytes(job.id) == undisturbed
    assert quarantined(scene) == {}


class ReadingHandler:
    """Reads what a stage is made from, then counts."""

    def open(self, context: StageContext) -> StageWork:
        """The work of the stage, with its pictures read."""
        for item in context.stage.inputs:
            read_input(context, item)
        return CountingHandler(UNITS).open(context)


def test_a_damaged_upload_fails_its_job_until_it_is_handed_in_again(scene: Scene, tmp_path: Path) -> None:
    Image.effect_noise((64, 64), 60).save(tmp_path / "picture.png")
    picture = take_in((tmp_path / "picture.png").read_bytes(), max_pixels=10**6)
    scene.artifacts.put(image_key(picture.id), picture.png)
    dream = {"network": "vgg16", "layers": [4], "iterations": 1}
    spec = JobSpec.model_validate({"seed": 7, "source": {"image": picture.id}, "dream": dream})
    job, _ = scene.store.create(spec, plan_job(spec, Surroundings({picture.id: (64, 64)})))
    reader = scene.runner(handlers={StageKind.DREAM: ReadingHandler()})

    flip_first_bit(scene, image_key(picture.id))
    for error in (ArtifactCorruptError, NotFoundError):
        with pytest.raises(error):
            reader.run(job.id, "dream-00", "task")
    failed = scene.store.get(job.id)
    scene.artifacts.put(image_key(picture.id), picture.png)
    scene.store.retry(job.id)
    reader.run(job.id, "dream-00", "task")

    assert failed.failure is not None
    assert failed.failure.code == "not_found"
    assert "damaged and set aside; hand it in again and retry the job" in failed.failure.message
    assert scene.store.get(job.id).status is JobStatus.SUCCEEDED
