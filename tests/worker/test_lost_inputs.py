"""Stages whose inputs are gone: the stages that made them make them again, within bounds."""

from collections.abc import Callable

import pytest

from shared.errors import NotFoundError
from shared.jobs.records import Failure
from shared.jobs.status import JobStatus, StageStatus
from shared.leases import Lease
from shared.results import result_folder
from tests.worker.scene import Scene, at_unit, commits

GONE = Failure(code="not_found", message="no artifact")


def taken(scene: Scene, job_id: str, stage_id: str) -> Lease:
    """A stage in the hands of another worker."""
    lease = scene.leases.acquire(job_id, stage_id, "cpu1@there", "task")
    assert isinstance(lease, Lease), lease
    return lease


def folder_of(scene: Scene, job_id: str, stage_id: str) -> str:
    return result_folder(scene.store.get(job_id).plan.stage(stage_id).key)


def remove(scene: Scene, folder: str) -> None:
    for key in list(scene.artifacts.keys(folder)):
        scene.artifacts.delete(key)


def remove_frame(scene: Scene, folder: str) -> None:
    scene.artifacts.delete(f"{folder}frame.npy")


@pytest.mark.parametrize("lose", [remove, remove_frame])
def test_a_frame_that_is_gone_is_made_again_by_its_stage(
    scene: Scene, undisturbed: dict[str, bytes], lose: Callable[[Scene, str], None]
) -> None:
    job = scene.submit()
    scene.runner().run(job.id, "dream-00", "task")
    lose(scene, folder_of(scene, job.id, "dream-00"))

    with pytest.raises(NotFoundError):
        scene.runner().run(job.id, "style-00", "task")
    reopened = scene.store.stage(job.id, "dream-00")
    rung = scene.rung[-1]
    waiting = scene.store.runnable(job.id)
    scene.run_all(job.id)

    done = scene.store.get(job.id)
    assert (reopened.status, reopened.artifacts, rung) == (StageStatus.QUEUED, (), "dream-00")
    assert waiting == ("dream-00",)
    assert reopened.started_at is None
    assert scene.store.stage(job.id, "dream-00").started_at is not None
    assert (done.status, done.stages_done, done.progress) == (JobStatus.SUCCEEDED, done.stages_total, 1)
    assert scene.result_bytes(job.id) == undisturbed
    assert commits(scene, job.id, "dream-00") == 2
    assert commits(scene, job.id, "dream-01") == commits(scene, job.id, "style-00") == 1


def test_everything_gone_but_the_last_stage_is_made_again(scene: Scene, undisturbed: dict[str, bytes]) -> None:
    job = scene.submit()
    while "animate" not in scene.store.runnable(job.id):
        scene.runner().run(job.id, scene.store.runnable(job.id)[0], "task")
    remove(scene, "stages")

    while runnable := scene.store.runnable(job.id):
        try:
            scene.runner().run(job.id, runnable[0], "task")
        except NotFoundError:
            continue

    assert scene.store.get(job.id).status is JobStatus.SUCCEEDED
    assert scene.result_bytes(job.id) == undisturbed


def test_two_stages_that_miss_the_same_frame_have_it_made_once(scene: Scene) -> None:
    job = scene.submit()
    scene.runner().run(job.id, "dream-00", "task")
    remove(scene, folder_of(scene, job.id, "dream-00"))

    lease = taken(scene, job.id, "style-00")
    with pytest.raises(NotFoundError):
        scene.runner().run(job.id, "dream-01", "task")
    runnable = scene.leases.reopen(lease, GONE, ["dream-00"])
    scene.run_all(job.id)

    assert runnable == ("dream-00",)
    assert scene.store.get(job.id).status is JobStatus.SUCCEEDED
    assert commits(scene, job.id, "dream-00") == 2


def test_a_frame_that_is_lost_again_and_again_ends_the_job(scene: Scene) -> None:
    job = scene.submit()
    folder = folder_of(scene, job.id, "dream-00")

    for _ in range(3):
        scene.runner().run(job.id, "dream-00", "task")
        remove(scene, folder)
        with pytest.raises(NotFoundError):
            scene.runner().run(job.id, "style-00", "task")

    failed = scene.store.get(job.id)
    assert failed.status is JobStatus.FAILED
    assert failed.failure is not None
    assert failed.failure.message.startswith("gave up after 3 attempts")


def test_an_uploaded_picture_that_is_gone_cannot_be_made_again(scene: Scene) -> None:
    job = scene.submit()

    def lose() -> None:
        raise NotFoundError("no artifact 'images/…'")

    scene.on_unit = at_unit(0, lose)
    with pytest.raises(NotFoundError):
        scene.runner().run(job.id, "dream-00", "task")

    assert scene.store.get(job.id).status is JobStatus.FAILED


def test_a_canceled_job_has_nothing_made_again(scene: Scene) -> None:
    job = scene.submit()
    scene.runner().run(job.id, "dream-00", "task")
    remove(scene, folder_of(scene, job.id, "dream-00"))
    lease = taken(scene, job.id, "style-00")
    scene.store.cancel(job.id)

    runnable = scene.leases.reopen(lease, GONE, ["dream-00"])

    assert runnable == ()
    assert scene.store.get(job.id).status is JobStatus.CANCELED
    assert scene.store.stage(job.id, "dream-00").status is StageStatus.SUCCEEDED
