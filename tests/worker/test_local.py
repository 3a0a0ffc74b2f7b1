"""A whole job in one process."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.plan.records import Stage, StageKind
from tests.counting import CountingHandler, counting_plan, counting_spec
from worker.local import LocalJob, run_job
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


def silent(_stage: Stage, _share: float, _detail: str) -> None:
    pass


def test_every_file_lies_under_the_name_that_people_know(tmp_path: Path) -> None:
    manifest = run_job(job_in(tmp_path), counting([]), silent)

    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {name for name in names if not name.startswith(".")} == {
        "frames/00-conv3_1.png",
        "frames/01-conv3_2.png",
        "styled/00-conv3_1.png",
        "styled/01-conv3_2.png",
        "animation.gif",
        "manifest.json",
    }
    assert manifest == tmp_path / "manifest.json"


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
