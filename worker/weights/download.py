"""Downloads over HTTP that are resumed, checked and put in place whole."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from shared.errors import WeightsCorruptError
from worker.weights.checksums import check_file
from worker.weights.disk import part_of, put_in_place, writing_to
from worker.weights.errors import SourceFailedError
from worker.weights.manifest import WeightsFile
from worker.weights.progress import OnBytes

# A closed network must be found out quickly, for the next source may be open.
_TIMEOUT_SECONDS = httpx.Timeout(30.0, connect=5.0)
_PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0)
_BROKEN_OFF = (httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError)
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Download:
    """One file to bring from one address; `folder` is where it will lie."""

    url: str
    file: WeightsFile
    folder: Path
    on_bytes: OnBytes

    @property
    def target(self) -> Path:
        """Where the file lies once it is whole and checked."""
        return self.folder / self.file.name

    @property
    def part(self) -> Path:
        """Where the file grows."""
        return part_of(self.target)

    @property
    def validator(self) -> Path:
        """Holds the server's name for this version of the file: a part of another version is worthless."""
        return self.part.with_name(f"{self.part.name}.validator")


def download(wanted: Download) -> Path:
    """Bring the file; what an interrupted run left is used.

    Raises:
        SourceFailedError: the server cannot be reached, has no such file, or keeps breaking off.
        WeightsCorruptError: it is another file than the published one; nothing of it is kept.
        WeightsDiskFullError: no room is left; what has arrived is kept for the next run.
    """
    with writing_to(wanted.folder, wanted.file.about_bytes):
        resumed = wanted.part.exists()
        _transfer(wanted)
        try:
            check_file(wanted.part, wanted.file.checksum)
        except WeightsCorruptError as error:
            _forget(wanted)
            if resumed:
                # The old part may be to blame, not the server: once more, from the first byte.
                return download(wanted)
            raise WeightsCorruptError(str(error).replace(str(wanted.part), wanted.url)) from error
        wanted.validator.unlink(missing_ok=True)
        return put_in_place(wanted.part, wanted.target)


def _forget(wanted: Download) -> None:
    wanted.part.unlink(missing_ok=True)
    wanted.validator.unlink(missing_ok=True)


def _transfer(wanted: Download) -> None:
    """Stream until the server says that this was all, going on where a broken connection stopped."""
    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=True) as client:
            for pause_seconds in _PAUSES_SECONDS:
                try:
                    return _stream(client, wanted)
                except _BROKEN_OFF:
                    time.sleep(pause_seconds)
            return _stream(client, wanted)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceFailedError(f"{_host(wanted.url)} {_reason(error)}") from error


def _stream(client: httpx.Client, wanted: Download) -> None:
    with client.stream("GET", wanted.url, headers=_headers(wanted)) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            # The part is as long as the file: the checksum tells whether it is the file.
            return
        response.raise_for_status()
        resumes = response.status_code == httpx.codes.PARTIAL_CONTENT
        _remember_version(wanted, response)
        with wanted.part.open("ab" if resumes else "wb") as part:
            done = part.tell()
            length = response.headers.get("content-length")
            total = done + int(length) if length else None
            for chunk in response.iter_raw(_CHUNK_BYTES):
                part.write(chunk)
                done += len(chunk)
                wanted.on_bytes(done, total)
            part.flush()
            os.fsync(part.fileno())


def _headers(wanted: Download) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity"}
    if wanted.part.exists() and wanted.validator.exists() and (held := wanted.part.stat().st_size):
        headers |= {"Range": f"bytes={held}-", "If-Range": wanted.validator.read_text("utf-8")}
    return headers


def _remember_version(wanted: Download, response: httpx.Response) -> None:
    version = response.headers.get("etag", "")
    # If-Range takes no weak ETag (RFC 9110, 13.1.5).
    version = response.headers.get("last-modified", "") if version.startswith("W/") or not version else version
    wanted.validator.write_text(version, "utf-8") if version else wanted.validator.unlink(missing_ok=True)


def _host(url: str) -> str:
    return url.split("/")[2] if url.count("/") > 1 else url


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"answers {error.response.status_code} for {error.request.url}"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return f"cannot be reached ({error or 'no answer'})"
    return f"broke off ({error or type(error).__name__})"
