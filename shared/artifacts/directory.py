"""The artifact store in a folder."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, TypeVar

from shared.artifacts.store import StoredFile
from shared.errors import ArtifactStoreError, NotFoundError

T = TypeVar("T")
HALF_WRITTEN = "."
"""How the name of a file begins that is being written, or that its writer has left behind."""
FOLDER_TRIES = 10
"""Others may remove an empty folder just before something is written into it, hardly ever twice."""


class DirectoryStore:
    """Files in a folder, each written aside, synced and then put in place, so that no half file is ever seen."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes) -> None:
        """Put `data` at `key` in one step, safe from a power cut once this returns."""
        try:
            self._attempt("write", key, lambda path: _write_in_place(path, data))
        except NotFoundError:
            raise ArtifactStoreError(f"cannot write {self.root / key}: something on the way is no folder") from None

    def get(self, key: str) -> bytes:
        """All bytes at `key`."""
        return self._attempt("read", key, Path.read_bytes)

    def read(self, key: str, start: int, length: int) -> bytes:
        """Some bytes at `key`."""

        def part(path: Path) -> bytes:
            with path.open("rb") as file:
                file.seek(start)
                return file.read(length)

        return self._attempt("read", key, part)

    def size(self, key: str) -> int | None:
        """How many bytes lie at `key`."""
        try:
            return self._attempt("look up", key, lambda path: path.stat().st_size)
        except NotFoundError:
            return None

    def delete(self, key: str) -> None:
        """Remove what is at `key`, if anything, and the folders that are empty then."""
        self._attempt("remove", key, lambda path: path.unlink(missing_ok=True))
        self._prune(self._path(key).parent)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below a folder `prefix`, in order."""
        for path in sorted(self._walk(prefix)):
            if path.is_file() and not path.name.startswith(HALF_WRITTEN):
                yield self._key(path)

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """Every file below a folder `prefix`, half-written ones too."""
        now = self._now()
        for path in self._walk(prefix):
            with suppress(FileNotFoundError):
                found = path.stat()
                if S_ISREG(found.st_mode):
                    yield StoredFile(self._key(path), found.st_size, max(0.0, now - found.st_mtime))

    def check(self) -> None:
        """Write and remove a few bytes."""
        self._now()

    def _now(self) -> float:
        """The time of whatever machine keeps the folder, in seconds since 1970: that of a file written just now."""
        key = f"health/{secrets.token_hex(8)}"
        self.put(key, b"ok")
        written = self._attempt("look up", key, lambda path: path.stat().st_mtime)
        self.delete(key)
        return written

    def _walk(self, prefix: str) -> Iterator[Path]:
        """Every path below a folder that is none itself; folders that vanish meanwhile were empty."""
        for folder, _, names in os.walk(self._path(prefix), onerror=self._refuse_unless_gone):
            yield from (Path(folder, name) for name in names)

    def _refuse_unless_gone(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise ArtifactStoreError(f"cannot list {error.filename}: {error.strerror}") from error

    def _prune(self, folder: Path) -> None:
        """Remove folders, from this one upwards, as long as nothing lies in them."""
        with suppress(OSError):
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent

    def _key(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _path(self, key: str) -> Path:
        path = self.root / key
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise NotFoundError(f"no artifact {key!r}")
        return path

    def _attempt(self, verb: str, key: str, act: Callable[[Path], T]) -> T:
        """Do something with the file of a key; whatever goes wrong becomes one of our errors."""
        path = self._path(key)
        try:
            return act(path)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, FileExistsError):
            raise NotFoundError(f"no artifact {key!r}") from None
        except OSError as error:
            raise ArtifactStoreError(f"cannot {verb} {path}: {error.strerror or error}") from error


def _write_in_place(path: Path, data: bytes) -> None:
    """Write beside the final name, sync, then rename."""
    aside = path.with_name(f"{HALF_WRITTEN}{path.name}.{secrets.token_hex(6)}")
    try:
        with _opened(aside) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def _opened(path: Path) -> BinaryIO:
    """A new file, in a folder that is made where there is none."""
    for _ in range(FOLDER_TRIES - 1):
        # A folder that vanishes while it is looked at is taken for a file in the way.
        with suppress(FileNotFoundError, FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("wb")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")


def _sync_folder(folder: Path) -> None:
    """Make a rename in this folder safe from a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
