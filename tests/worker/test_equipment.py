"""What a worker has is told, and a stage that needs more than that goes to one who has it."""

import sys
from pathlib import Path

import pytest

from shared.equipment import Equipment
from shared.errors import StoreUnavailableError
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus, StageStatus
from shared.settings import Settings, WeightsSettings
from tests.counting import counting_plan, counting_spec
from tests.patience import wait_until
from tests.worker.scene import Scene
from worker.engine.errors import EncoderMissingError
from worker.equipment import EquipmentReporter, equipment_here

EASEL = Equipment(("vgg16",))
CAMERA = Equipment(("vgg16",), ("video",))


def filmed(scene: Scene) -> JobRecord:
    """A job for an MP4, all of whose frames are made."""
    spec = counting_spec()
    assert spec.animation is not None
    spec = spec.model_copy(update={"animation": spec.animation.model_copy(update={"format": "mp4"})})
    job, _ = scene.store.create(spec, counting_plan(spec))
    for stage in job.plan.stages[:-1]:
        scene.runner().run(job.id, stage.id, "task")
    return job


def test_a_worker_has_the_networks_whose_files_lie_here_and_the_extras_that_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    settings = Settings(weights=WeightsSettings(dir=tmp_path, cache_dir=tmp_path))
    (tmp_path / "vgg16.npz").touch()

    # when
    with_extra = equipment_here(settings)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    without = equipment_here(settings)

    # then
    assert (with_extra, without) == (CAMERA, EASEL)


def test_what_a_worker_has_is_told_as_soon_as_redis_listens(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr("worker.equipment.RETRY_SECONDS", 0.01)
    answers = iter([StoreUnavailableError("away"), None])
    hearing = scene.store.report_equipment

    def listening(worker: str, equipment: Equipment) -> None:
        if error := next(answers):
            raise error
        hearing(worker, equipment)

    monkeypatch.setattr(scene.store, "report_equipment", listening)
    reporter = EquipmentReporter(scene.store, "cpu0@here", lambda: CAMERA)

    # when
    reporter.start()

    # then
    wait_until(lambda: scene.store.equipment() == CAMERA, "what the worker has is known", 5)
    reporter.stop()


@pytest.mark.parametrize("needs", ["an encoder", "a network"])
def test_a_stage_that_needs_what_only_another_worker_has_is_left_to_it(scene: Scene, needs: str) -> None:
    # given
    job = filmed(scene) if needs == "an encoder" else scene.submit()
    stage_id = "animate" if needs == "an encoder" else "dream-00"
    lacking = EASEL if needs == "an encoder" else Equipment(extras=("video",))
    scene.store.report_equipment("cpu0@here", lacking)
    scene.store.report_equipment("cpu0@there", CAMERA)

    # when
    scene.runner(equipment=lambda: lacking).run(job.id, stage_id, "task")
    left = scene.store.stage(job.id, stage_id)
    scene.runner(equipment=lambda: CAMERA).run(job.id, stage_id, "task")

    # then
    assert (left.status, left.attempts) == (StageStatus.QUEUED, 0)
    assert scene.store.stage(job.id, stage_id).status is StageStatus.SUCCEEDED


def test_what_no_worker_has_fails_at_once_instead_of_waiting_for_ever(scene: Scene) -> None:
    # given
    job = filmed(scene)
    scene.store.report_equipment("cpu0@here", EASEL)

    def refuse(_stage: str, _unit: int) -> None:
        raise EncoderMissingError("mp4", "video", "not installed")

    scene.on_unit = refuse

    # when
    with pytest.raises(EncoderMissingError):
        scene.runner(equipment=lambda: EASEL).run(job.id, "animate", "task")

    # then
    assert scene.store.get(job.id).status is JobStatus.FAILED
