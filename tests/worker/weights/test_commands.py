"""The commands end with the right code and clear words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from worker.weights.commands import app

Command = Callable[..., Result]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs a command with an empty cache and no other source set."""
    monkeypatch.setenv("DREAMQUEUE_WEIGHTS__CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("DREAMQUEUE_WEIGHTS__DIR", raising=False)
    monkeypatch.delenv("DREAMQUEUE_WEIGHTS__MIRROR", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_list_shows_every_network_with_its_licence(command: Command) -> None:
    ending = command("list")

    assert ending.exit_code == 0
    for text in (
        "inception5h",
        "googlenet",
        "vgg16",
        "Apache-2.0",
        "unrestricted",
        "CC-BY-4.0",
        "University of Oxford",
    ):
        assert text in ending.stdout


def test_list_shows_where_weights_lie(command: Command, weights_dir: Path) -> None:
    ending = command("list", "--dir", weights_dir)

    assert str(weights_dir / "vgg16.npz") in ending.stdout


def test_fetch_prints_where_each_network_lies_and_nothing_else(command: Command, weights_dir: Path) -> None:
    ending = command("fetch", "vgg16", "googlenet", "--dir", weights_dir)

    assert ending.exit_code == 0
    assert ending.stdout.split() == [str(weights_dir / "vgg16.npz"), str(weights_dir / "googlenet.npz")]


def test_an_unknown_network_is_bad_usage_and_stops_before_anything_is_fetched(
    command: Command, weights_dir: Path
) -> None:
    ending = command("fetch", "vgg16", "resnet", "--dir", weights_dir)

    assert ending.exit_code == 2
    assert ending.stdout == ""
    assert "there is no network 'resnet'" in ending.stderr


def test_a_failed_fetch_is_one_line_on_stderr_without_a_traceback(command: Command) -> None:
    ending = command("fetch", "googlenet")

    assert ending.exit_code == 1
    assert ending.stdout == ""
    assert ending.stderr.count("\n") == 1
    assert ending.stderr.startswith("the weights of googlenet cannot be had; tried directory")


def test_verify_checks_what_is_at_hand(command: Command, weights_dir: Path) -> None:
    ending = command("verify", "googlenet", "--dir", weights_dir)

    assert ending.exit_code == 0
    assert ending.stdout == f"googlenet: {weights_dir / 'googlenet.npz'} is as published\n"


def test_verify_with_nothing_at_hand_fails_with_what_to_do(command: Command) -> None:
    ending = command("verify")

    assert ending.exit_code == 1
    assert "weights fetch auto" in ending.stderr
