"""Downloads one file: in parts where the connection breaks, checked, put in place in one step."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx

from api.answers import ArtifactAnswer
from api.client_errors import DownloadError

ATTEMPTS = 5
PARTIAL = 206


def target(folder: Path, name: str) -> Path:
    """Where a file of that name belongs in a folder.

    Raises:
        DownloadError: the name leads out of the folder.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or path.resolve() == folder.resolve():
        raise DownloadError(f"the service names a file {name!r}, which leads out of {folder}")
    return path


def download(
    http: httpx.Client, artifact: ArtifactAnswer, folder: Path, on_bytes: Callable[[int], None] = lambda _: None
) -> Path:
    """The file in the folder; one that lies there already is not fetched again.

    Args:
        http: knows the service's address.
        artifact: as the list names it.
        folder: made when it is not there.
        on_bytes: told how many bytes have come, each time some have.

    Raises:
        DownloadError: what came is not what was announced.
        httpx.TransportError: the connection broke, time and again.
    """
    path = target(folder, artifact.name)
    if path.is_file() and _digest(path) == artifact.sha256:
        on_bytes(artifact.bytes)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    expected = _fetch_with_patience(http, artifact, part, on_bytes)
    if expected is not None and _digest(part) != expected:
        part.unlink()
        raise DownloadError(f"{artifact.name} came through damaged: its sha256 is not {expected}; try again")
    part.replace(path)
    return path


def _fetch_with_patience(
    http: httpx.Client, artifact: ArtifactAnswer, part: Path, on_bytes: Callable[[int], None]
) -> str | None:
    """Fetch until the end is reached; every attempt goes on where the one before stopped."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _fetch(http, artifact, part, on_bytes)
        except httpx.TransportError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _fetch(http: httpx.Client, artifact: ArtifactAnswer, part: Path, on_bytes: Callable[[int], None]) -> str | None:
    """Fetch what is missing; returns the sha256 that the whole must have, None where it may change meanwhile."""
    have = part.stat().st_size if part.exists() else 0
    resuming = 0 < have < artifact.bytes
    headers = {"Range": f"bytes={have}-", "If-Range": f'"{artifact.sha256}"'} if resuming else {}
    with http.stream("GET", artifact.url, headers=headers) as response:
        if response.is_error:
            response.read()
            response.raise_for_status()
        resumed = response.status_code == PARTIAL
        if resumed:
            on_bytes(have)
        with part.open("ab" if resumed else "wb") as file:
            for chunk in response.iter_bytes():
                file.write(chunk)
                on_bytes(len(chunk))
        weak = response.headers.get("etag", "W/").startswith("W/")
    return None if weak else artifact.sha256


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
