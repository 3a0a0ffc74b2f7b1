"""Downloads: whole or not at all, resumed, and clear when they fail."""

import hashlib
import os
from pathlib import Path

import pytest

from shared.errors import WeightsCorruptError, WeightsDiskFullError, WeightsUnavailableError
from tests.worker.weights.file_server import FileServer
from worker.weights import download as download_module
from worker.weights.download import Download, download
from worker.weights.errors import SourceFailedError
from worker.weights.manifest import Checksum, Format, WeightsFile

BODY = os.urandom(1_000_000)
FILE = WeightsFile("tiny.npz", Format.NPZ, Checksum("sha256", hashlib.sha256(BODY).hexdigest()), len(BODY))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_module, "_PAUSES_SECONDS", (0.0, 0.0))


@pytest.fixture
def seen() -> list[tuple[int, int | None]]:
    return []


@pytest.fixture
def wanted(file_server: FileServer, tmp_path: Path, seen: list[tuple[int, int | None]]) -> Download:
    file_server.files["tiny.npz"] = BODY
    return Download(f"{file_server.url}/tiny.npz", FILE, tmp_path, lambda done, total: seen.append((done, total)))


def test_a_file_arrives_whole_and_nothing_else_is_left(
    wanted: Download, tmp_path: Path, seen: list[tuple[int, int | None]]
) -> None:
    path = download(wanted)

    assert path.read_bytes() == BODY
    assert list(tmp_path.iterdir()) == [path]
    assert seen[-1] == (len(BODY), len(BODY))


def test_a_broken_connection_goes_on_where_it_stopped(wanted: Download, file_server: FileServer) -> None:
    file_server.break_after = [600_000, 100_000]

    path = download(wanted)

    assert path.read_bytes() == BODY
    assert [bool(wanted_range) for wanted_range in file_server.ranges] == [False, True, True]
    assert file_server.sent_bytes < 1.6 * len(BODY)


def test_a_later_run_uses_what_an_interrupted_one_left(wanted: Download, file_server: FileServer) -> None:
    file_server.break_after = [600_000, 0, 0]
    with pytest.raises(SourceFailedError, match="broke off"):
        download(wanted)
    held = wanted.part.stat().st_size

    download(wanted)

    assert held > 0
    assert file_server.ranges[-1] == f"bytes={held}-"
    assert wanted.target.read_bytes() == BODY


def test_a_part_of_another_version_is_thrown_away(wanted: Download, file_server: FileServer) -> None:
    wanted.part.write_bytes(b"of an older version")
    wanted.validator.write_text('"older"', "utf-8")

    download(wanted)

    assert wanted.target.read_bytes() == BODY
    assert file_server.sent_bytes == len(BODY)


def test_a_damaged_part_costs_a_second_download_not_the_file(wanted: Download, file_server: FileServer) -> None:
    etag = f'"{hashlib.md5(BODY, usedforsecurity=False).hexdigest()}"'
    wanted.part.write_bytes(b"x" * 1000)
    wanted.validator.write_text(etag, "utf-8")

    download(wanted)

    assert wanted.target.read_bytes() == BODY
    assert file_server.ranges == ["bytes=1000-", ""]


def test_a_part_that_was_already_whole_is_only_checked(wanted: Download, file_server: FileServer) -> None:
    etag = f'"{hashlib.md5(BODY, usedforsecurity=False).hexdigest()}"'
    wanted.part.write_bytes(BODY)
    wanted.validator.write_text(etag, "utf-8")

    download(wanted)

    assert wanted.target.read_bytes() == BODY
    assert file_server.sent_bytes == 0


def test_a_wrong_checksum_names_both_sums_and_keeps_nothing(
    wanted: Download, file_server: FileServer, tmp_path: Path
) -> None:
    file_server.files["tiny.npz"] = b"something else"

    with pytest.raises(
        WeightsCorruptError, match=f"{file_server.url}.* sha256 is .*, expected {FILE.checksum.hexdigest}"
    ):
        download(wanted)

    assert list(tmp_path.iterdir()) == []


def test_a_refused_connection_fails_at_once(tmp_path: Path, closed_url: str) -> None:
    wanted = Download(f"{closed_url}/tiny.npz", FILE, tmp_path, lambda *_: None)

    with pytest.raises(SourceFailedError, match="cannot be reached"):
        download(wanted)


def test_a_missing_file_names_the_answer(wanted: Download, file_server: FileServer) -> None:
    file_server.files.clear()

    with pytest.raises(SourceFailedError, match="answers 404"):
        download(wanted)


@pytest.mark.parametrize("url", ["ftp://host/tiny.npz", "mirror", "http://[/x"])
def test_an_address_that_is_none_fails_as_a_source(url: str, tmp_path: Path) -> None:
    with pytest.raises(SourceFailedError):
        download(Download(url, FILE, tmp_path, lambda *_: None))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the full disk is Linux's /dev/full")
def test_a_full_disk_says_how_much_is_needed_and_where(wanted: Download, tmp_path: Path) -> None:
    wanted.part.symlink_to("/dev/full")

    with pytest.raises(WeightsDiskFullError, match=f"no room left in {tmp_path}: 1 MB .*CACHE_DIR"):
        download(wanted)

    assert not wanted.target.exists()


def test_a_folder_that_cannot_be_written_is_named(wanted: Download, tmp_path: Path) -> None:
    wanted.part.mkdir()

    with pytest.raises(WeightsUnavailableError, match=f"cannot keep weights in {tmp_path}"):
        download(wanted)
