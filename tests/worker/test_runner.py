"""The runner: stages resume, are reused, and end in the same bytes whoever died in between."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.artifacts.directory import DirectoryStore
from shared.errors import ArtifactStoreError, StoreUnavailableError
from shared.jobs.status import JobStatus, StageStatus
from tests.worker.scene import UNITS, Killed, Scene, commits, lose_lease, raising


def test_a_job_runs_from_its_first_stage_to_its_animation(scene: Scene) -> None:
    job = scene.submit()

    scene.run_all(job.id)

    assert scene.store.get(job.id).status is JobStatus.SUCCEEDED
    assert {stage.status for stage in scene.store.stages(job.id)} == {StageStatus.SUCCEEDED}
    assert scene.rung == ["dream-01", "style-00", "style-01", "animate"]
    assert scene.leftovers() == []


def test_an_exception_in_the_middle_redoes_no_finished_unit_and_changes_no_byte(
    scene: Scene, undisturbed: dict[str, bytes]
) -> None:
    job = scene.submit()
    scene.on_unit = raising(OSError("unplugged"), at=("dream-00", 2))

    with pytest.raises(OSError, match="unplugged"):
        scene.runner().run(job.id, "dream-00", "task")
    scene.run_all(job.id)

    assert [unit for stage, unit in scene.units if stage == "dream-00"] == [0, 1, 2, 2, 3]
    assert scene.result_bytes(job.id) == undisturbed
    assert scene.store.stage(job.id, "dream-00").attempts == 2
    assert scene.leftovers() == []


@pytest.mark.parametrize("unit", range(UNITS))
def test_a_worker_killed_in_a_unit_costs_that_unit_and_changes_no_byte(
    scene: Scene, undisturbed: dict[str, bytes], unit: int
) -> None:
    job = scene.submit()
    scene.on_unit = raising(Killed(), at=("dream-00", unit))

    with pytest.raises(Killed):
        scene.runner().run(job.id, "dream-00", "task")
    lose_lease(scene, job.id, "dream-00")
    scene.run_all(job.id)

    assert scene.units.count(("dream-00", unit)) == 2
    assert len([stage for stage, _ in scene.units if stage == "dream-00"]) == UNITS + 1
    assert scene.result_bytes(job.id) == undisturbed


class DyingArtifacts(DirectoryStore):
    """Dies right behind writing a file of that name."""

    def __init__(self, root: Path, behind: str) -> None:
        super().__init__(root)
        self.behind = behind

    def put(self, key: str, data: bytes) -> None:
        """Write, unless it is this one's part to fail."""
        super().put(key, data)
        if key.endswith(self.behind):
            raise Killed


@pytest.mark.parametrize("behind", ["frame.npy", "frame.png", "result.json", ".npz"])
def test_a_worker_killed_behind_any_file_that_it_writes_leaves_a_stage_that_commits_once(
    scene: Scene, undisturbed: dict[str, bytes], behind: str
) -> None:
    job = scene.submit()

    with pytest.raises(Killed):
        scene.runner(artifacts=DyingArtifacts(scene.artifacts.root, behind)).run(job.id, "dream-00", "task")
    lose_lease(scene, job.id, "dream-00")
    scene.run_all(job.id)

    assert commits(scene, job.id, "dream-00") == 1
    assert scene.result_bytes(job.id) == undisturbed
    assert scene.leftovers() == []


def test_a_worker_killed_between_commit_and_dispatch_leaves_the_next_stages_runnable(
    scene: Scene, undisturbed: dict[str, bytes]
) -> None:
    job = scene.submit()

    def die(_job_id: str, _stage_ids: Sequence[str]) -> None:
        raise Killed

    with pytest.raises(Killed):
        scene.runner(dispatch=die).run(job.id, "dream-00", "task")

    assert scene.store.runnable(job.id) == ("dream-01", "style-00")
    scene.run_all(job.id)
    assert scene.result_bytes(job.id) == undisturbed


def test_a_broker_that_is_away_leaves_ringing_to_the_reconciler(scene: Scene) -> None:
    job = scene.submit()

    def refuse(_job_id: str, _stage_ids: Sequence[str]) -> None:
        raise StoreUnavailableError("the broker does not answer")

    scene.runner(dispatch=refuse).run(job.id, "dream-00", "task")

    assert scene.store.stage(job.id, "dream-00").status is StageStatus.SUCCEEDED


def test_a_stage_run_a_second_time_does_nothing(scene: Scene) -> None:
    job = scene.submit()
    scene.runner().run(job.id, "dream-00", "task")
    scene.units.clear()

    scene.runner().run(job.id, "dream-00", "task")

    assert scene.units == []
    assert commits(scene, job.id, "dream-00") == 1


def test_a_second_job_with_the_same_beginning_reuses_its_results(scene: Scene) -> None:
    first, second = scene.submit(4, 5), scene.submit(4, 5)
    scene.run_all(first.id)
    scene.units.clear()

    scene.run_all(second.id)

    assert scene.units == []
    assert {stage.status for stage in scene.store.stages(second.id)} == {StageStatus.REUSED}
    assert scene.result_bytes(second.id) == scene.result_bytes(first.id)


def test_a_damaged_result_is_made_again(scene: Scene, undisturbed: dict[str, bytes]) -> None:
    first, second = scene.submit(), scene.submit()
    scene.run_all(first.id)
    frame = next(key for key in scene.artifacts.keys("stages") if key.endswith("frame.npy"))
    scene.artifacts.put(frame, b"half")

    scene.run_all(second.id)

    assert scene.result_bytes(second.id) == undisturbed


@pytest.mark.parametrize("damage", [b"", b"half", b'{"done": 1}'])
def test_a_damaged_checkpoint_costs_work_but_not_the_stage(
    scene: Scene, undisturbed: dict[str, bytes], damage: bytes
) -> None:
    job = scene.submit()
    scene.on_unit = raising(OSError("unplugged"), at=("dream-00", 2))
    with pytest.raises(OSError, match="unplugged"):
        scene.runner().run(job.id, "dream-00", "task")
    scene.artifacts.put(scene.store.stage(job.id, "dream-00").checkpoint or "", damage)

    scene.run_all(job.id)

    assert [unit for stage, unit in scene.units if stage == "dream-00"] == [0, 1, 2, 0, 1, 2, 3]
    assert scene.result_bytes(job.id) == undisturbed


def test_a_missing_checkpoint_costs_work_but_not_the_stage(scene: Scene, undisturbed: dict[str, bytes]) -> None:
    job = scene.submit()
    scene.on_unit = raising(OSError("unplugged"), at=("dream-00", 2))
    with pytest.raises(OSError, match="unplugged"):
        scene.runner().run(job.id, "dream-00", "task")
    scene.artifacts.delete(scene.store.stage(job.id, "dream-00").checkpoint or "")

    scene.run_all(job.id)

    assert scene.result_bytes(job.id) == undisturbed


class FullArtifacts(DirectoryStore):
    """Has no room for checkpoints."""

    def put(self, key: str, data: bytes) -> None:
        """Write, unless it is this one's part to fail."""
        if key.startswith("checkpoints/"):
            raise ArtifactStoreError(f"cannot write {key}: no space left on device")
        super().put(key, data)


def test_no_room_for_checkpoints_does_not_stop_a_stage(scene: Scene, undisturbed: dict[str, bytes]) -> None:
    job = scene.submit()

    scene.runner(artifacts=FullArtifacts(scene.artifacts.root)).run(job.id, "dream-00", "task")
    scene.run_all(job.id)

    assert scene.result_bytes(job.id) == undisturbed
