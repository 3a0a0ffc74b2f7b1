"""A whole job in one process."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.plan.records import Stage, StageKind
from shared.results import result_folder
from tests.counting import CountingHandler, counting_plan, counting_spec
from worker.local import LocalJob, run_job
from worker.results import find_result
from worker.work import StageHandler


class PowerCutError(Exception):
    """What stops a run in the middle."""


def job_in(folder: Path, *, exact: bool = False) -> LocalJob:
    spec = counting_spec(4, 5)
    return LocalJob(spec, counting_plan(spec), folder, exact)


def counting(
    counted: list[tuple[str, int]], stop_at: tuple[str, int] | None = None
) -> Mapping[StageKind, StageHandler]:
    def on_unit(stage: str, unit: int) -> None:
        if (stage, unit) == stop_at:
            raise PowerCutError
        counted.append((stage, unit))

    return dict.fromkeys(StageKind, CountingHandler(on_unit=on_unit))


def public_files(folder: Path) -> set[str]:
    """The names of all files but those that a second run takes up."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in names if not name.startswith(".")}


def silent(_stage: Stage, _share: float, _detail: str) -> None:
    pass


def test_every_file_lies_under_the_name_that_people_know(tmp_path: Path) -> None:
    manifest = run_job(job_in(tmp_path), counting([]), silent)

    assert public_files(tmp_path) == {
        "frames/00-conv3_1.png",
        "frames/01-conv3_2.png",
        "styled/00-conv3_1.png",
        "styled/01-conv3_2.png",
        "animation.gif",
        "manifest.json",
    }
    assert manifest == tmp_path / "manifest.json"


def test_frames_painted_in_a_batch_lie_where_those_of_separate_stages_do(tmp_path: Path) -> None:
    spec = counting_spec(4, 5, batch_size=2)
    run_job(job_in(tmp_path / "separate", exact=True), counting([]), silent)
    run_job(LocalJob(spec, counting_plan(spec), tmp_path / "batch", exact=True), counting([]), silent)

    assert public_files(tmp_path / "batch") == public_files(tmp_path / "separate")


def test_exact_frames_are_written_on_request(tmp_path: Path) -> None:
    run_job(job_in(tmp_path, exact=True), counting([]), silent)

    assert (tmp_path / "frames/00-conv3_1.npy").exists()
    assert (tmp_path / "styled/01-conv3_2.npy").exists()


def test_the_manifest_tells_how_to_make_the_pictures_again(tmp_path: Path) -> None:
    manifest = json.loads(run_job(job_in(tmp_path), counting([]), silent).read_text())

    assert (manifest["seed"], manifest["network"]) == (7, "vgg16")
    assert manifest["spec"]["seed"] == 7
    assert set(manifest["weights"]) == {"vgg16"}
    assert [stage["id"] for stage in manifest["stages"]] == ["dream-00", "dream-01", "style-00", "style-01", "animate"]
    assert all(stage["seconds"] >= 0 and stage["trace"] for stage in manifest["stages"])
    assert all(stage["made_by"]["engine_epoch"] for stage in manifest["stages"])
    assert {stage["made_by"]["device"] for stage in manifest["stages"]} == {"abacus"}
    assert manifest["stages"][0]["survey"] == {"conv3_1": {"strength": 1.0, "channels": [3, 5]}}


def test_a_run_that_was_cut_off_goes_on_and_ends_in_the_same_bytes(tmp_path: Path) -> None:
    whole, first, second = [], [], []
    run_job(job_in(tmp_path / "whole"), counting(whole), silent)

    with pytest.raises(PowerCutError):
        run_job(job_in(tmp_path / "cut"), counting(first, stop_at=("style-00", 2)), silent)
    run_job(job_in(tmp_path / "cut"), counting(second), silent)

    assert first + second == whole
    assert (tmp_path / "cut/animation.gif").read_bytes() == (tmp_path / "whole/animation.gif").read_bytes()


def test_a_second_run_into_the_same_folder_makes_nothing_again(tmp_path: Path) -> None:
    again: list[tuple[str, int]] = []
    told: list[str] = []
    run_job(job_in(tmp_path), counting([]), silent)

    run_job(job_in(tmp_path), counting(again), lambda _stage, _share, detail: told.append(detail))

    assert again == []
    assert told == ["reused"] * 5


def damage(folder: Path, pattern: str) -> Path:
    """Flip a bit of one file that the store keeps; returns where it would lie in quarantine."""
    store = folder / ".dreamqueue"
    path = next(store.glob(pattern))
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    return store / "quarantine" / path.relative_to(store)


@pytest.mark.parametrize("pattern", ["stages/*/*/frame.npy", "stages/*/*/result.json"])
def test_a_damaged_result_is_set_aside_and_made_again(tmp_path: Path, pattern: str) -> None:
    again: list[tuple[str, int]] = []
    run_job(job_in(tmp_path), counting([]), silent)
    before = (tmp_path / "animation.gif").read_bytes()

    aside = damage(tmp_path, pattern)
    run_job(job_in(tmp_path), counting(again), silent)

    assert aside.exists()
    assert len({stage for stage, _ in again}) == 1
    assert (tmp_path / "animation.gif").read_bytes() == before


def test_what_is_damaged_while_a_job_runs_is_made_again_before_it_is_used(tmp_path: Path) -> None:
    counted: list[str] = []

    def on_unit(stage: str, unit: int) -> None:
        counted.append(stage)
        if (stage, unit) == ("dream-01", 0):
            damage(tmp_path, f"{result_folder(first.key)}frame.npy")

    job = job_in(tmp_path)
    first = job.plan.stage("dream-00")
    run_job(job, dict.fromkeys(StageKind, CountingHandler(on_unit=on_unit)), silent)

    assert [counted.count(stage.id) for stage in job.plan.stages] == [8, 4, 4, 4, 4]
    assert find_result(job.artifacts, first) is not None


def test_a_damaged_checkpoint_is_set_aside_and_its_stage_begins_anew(tmp_path: Path) -> None:
    second: list[tuple[str, int]] = []
    with pytest.raises(PowerCutError):
        run_job(job_in(tmp_path), counting([], stop_at=("dream-00", 2)), silent)

    aside = damage(tmp_path, "checkpoints/*")
    run_job(job_in(tmp_path), counting(second), silent)

    assert aside.exists()
    assert second[:4] == [("dream-00", unit) for unit in range(4)]
