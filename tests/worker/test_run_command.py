"""`dreamqueue-worker run` carries out a spec or a preset, and says in one line what it cannot take."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shared.plan.records import StageKind
from tests.counting import CountingHandler
from worker import cli

SPEC = "{source: {solid: {color: teal, size: [64, 64]}}, dream: {network: vgg16, layers: [4]}}"


@pytest.fixture(autouse=True)
def _counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that only counts, on a machine that has vgg16."""
    (tmp_path / "vgg16.npz").touch()
    monkeypatch.setenv("DREAMQUEUE_WEIGHTS__DIR", str(tmp_path))
    monkeypatch.setenv("DREAMQUEUE_WEIGHTS__CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(cli, "fetch_missing", lambda *_: None)
    monkeypatch.setattr(cli, "load_handlers", lambda _: dict.fromkeys(StageKind, CountingHandler()))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["run", *map(str, arguments)])


def test_a_preset_is_carried_out_with_the_fields_that_are_set(tmp_path: Path) -> None:
    # when
    result = run("--preset", "gif", "--set", "max_size=64", "-o", tmp_path / "out")

    # then
    assert result.exit_code == 0, result.output
    assert Path(result.stdout.strip()) == tmp_path / "out/manifest.json"
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["spec"]["name"] == "Section 3.3: a chain as a GIF"
    assert (manifest["spec"]["max_size"], manifest["network"]) == (64, "vgg16")
    assert (tmp_path / "out/animation.gif").exists()
    assert len(list((tmp_path / "out/frames").glob("*.png"))) == 11


def test_a_spec_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SPEC)

    result = run(tmp_path / "mine.yaml", "-o", tmp_path / "out")

    assert result.exit_code == 0, result.output
    assert (tmp_path / "out/frames/00-conv3_1.png").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--preset", "giff"), "did you mean 'gif'?"),
        (("mine.yaml", "--preset", "gif"), "got mine.yaml and gif"),
        ((), "give a spec"),
        (("--preset", "gif", "--set", "dream.itertions=3"), "did you mean 'iterations'?"),
    ],
)
def test_what_cannot_be_taken_is_said_in_one_line_and_nothing_is_made(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    result = run(*arguments, "-o", tmp_path / "out")

    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "out/manifest.json").exists()
