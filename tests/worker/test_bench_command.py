"""`dreamqueue-worker bench` shows figures beside targets, and fails where one is missed."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shared.settings import Settings
from worker import cli
from worker.bench.figure import Figure, Target
from worker.bench.timing import Timing

MET = Figure("D1", "gain", 4.5, Target("at least", 4.0))
MISSED = Figure("S5", "change of colour, levels", 2.25, Target("at most", 2.0))

Measuring = Callable[..., None]


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Measuring:
    """Makes the command measure the given figures."""

    def measure(*figures: Figure) -> None:
        def load(_: Settings, **_asked: bool) -> Iterator[Figure]:
            return iter(figures)

        monkeypatch.setattr(cli, "load_quality_figures", load)
        monkeypatch.setattr(cli, "load_speed_figures", load)

    return measure


def test_a_bench_shows_every_figure_beside_its_target(measuring: Measuring) -> None:
    # given
    measuring(MET)

    # when
    result = CliRunner().invoke(cli.app, ["bench", "--quality"])

    # then
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if "D1" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["D1", "gain", "4.5", "at least 4", "met"]


def test_a_figure_that_misses_its_target_fails_the_bench_behind_the_last(measuring: Measuring) -> None:
    # given
    measuring(MISSED, MET)

    # when
    result = CliRunner().invoke(cli.app, ["bench", "--quality"])

    # then
    assert result.exit_code == 1
    assert "missed" in result.output
    assert "D1" in result.output


def test_a_bench_tells_programs_the_same(measuring: Measuring) -> None:
    # given
    measuring(MISSED)

    # when
    result = CliRunner().invoke(cli.app, ["bench", "--quality", "--json"])

    # then
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "id": "S5",
            "what": "change of colour, levels",
            "figure": 2.25,
            "target": {"bound": "at most", "limit": 2.0},
            "met": False,
        }
    ]


def test_a_bench_that_is_not_asked_for_quality_tells_of_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    asked: list[bool] = []

    def load(_: Settings, *, full: bool) -> Iterator[Figure]:
        asked.append(full)
        return iter([MET])

    monkeypatch.setattr(cli, "load_speed_figures", load)

    # when
    codes = [CliRunner().invoke(cli.app, arguments).exit_code for arguments in (["bench"], ["bench", "--full"])]

    # then
    assert codes == [0, 0]
    assert asked == [False, True]


@pytest.mark.parametrize(("options", "precision"), [([], "auto"), (["--precision", "mixed"], "mixed")], ids=str)
def test_pictures_are_made_in_the_precision_asked_for_or_that_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, options: list[str], precision: str
) -> None:
    # given
    measured: list[Settings] = []
    monkeypatch.setenv("DREAMQUEUE_WORKER__PRECISION", "auto")
    monkeypatch.setattr(cli, "load_quality_figures", lambda settings: measured.append(settings) or iter([MET]))

    # when
    result = CliRunner().invoke(cli.app, ["bench", "--quality", *options])

    # then
    assert result.exit_code == 0
    assert [settings.worker.precision for settings in measured] == [precision]


def test_a_bench_of_sizes_tells_what_steps_take_there(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    def load(_: Settings, sides: Sequence[int]) -> Iterator[Timing]:
        return (Timing("googlenet", "mixed4c", "float32", side, 2.0, 0.5) for side in sides)

    monkeypatch.setattr(cli, "load_timings", load)

    # when
    shown, told = (
        CliRunner().invoke(cli.app, ["bench", "--size", "100", "--size", "200", *more]) for more in ([], ["--json"])
    )

    # then
    assert (shown.exit_code, told.exit_code) == (0, 0)
    row = next(line for line in shown.output.splitlines() if "100" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")][3:] == ["100", "2", "0.5", "0.02"]
    assert [entry["megapixel_steps_a_second"] for entry in json.loads(told.stdout)] == [0.02, 0.08]


@pytest.mark.parametrize(("asked", "network"), [("--quality", "googlenet"), ("--full", "vgg16")])
def test_a_bench_without_its_networks_says_how_to_bring_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, network: str
) -> None:
    # given
    monkeypatch.setenv("DREAMQUEUE_WEIGHTS__DIR", str(tmp_path))
    monkeypatch.setenv("DREAMQUEUE_WEIGHTS__CACHE_DIR", str(tmp_path))

    # when
    result = CliRunner().invoke(cli.app, ["bench", asked])

    # then
    assert result.exit_code == 1
    assert f"run `dreamqueue-worker weights fetch {network}`" in result.output
