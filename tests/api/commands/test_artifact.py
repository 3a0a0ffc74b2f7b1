"""get."""

from pathlib import Path
from typing import Any

import pytest

from api.client import Client
from tests.api.commands.conftest import Run
from tests.api.painter import Painter


@pytest.fixture
def done(client: Client, painter: Painter, spec: dict[str, Any]) -> str:
    """A job that is done."""
    job = client.submit(spec)
    painter.paint(job.id)
    return job.id


def test_get_fetches_everything_and_prints_the_paths(run: Run, done: str, tmp_path: Path) -> None:
    result = run("get", done, "-o", tmp_path / "out")

    paths = [Path(line) for line in result.stdout.splitlines()]
    assert tmp_path / "out" / "frames" / "01-conv5_1.png" in paths
    assert len(paths) == 6
    assert all(path.is_file() for path in paths)
    assert not list((tmp_path / "out").rglob("*.part"))


def test_get_makes_a_folder_named_after_the_job(
    run: Run, done: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    run("get", done, "--only", "animation.gif")

    assert [path.name for path in (tmp_path / done).iterdir()] == ["animation.gif"]


def test_a_file_that_is_not_there_is_exit_status_three(run: Run, done: str, tmp_path: Path) -> None:
    result = run("get", done, "-o", tmp_path, "--only", "animation.mp4")

    assert result.exit_code == 3
    assert "it has frames/00-conv4_2.npy" in result.stderr


def test_a_folder_that_cannot_be_made_is_one_line(run: Run, done: str, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")

    result = run("get", done, "-o", tmp_path / "out")

    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
