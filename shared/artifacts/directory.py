"""The artifact store in a folder."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from shared.errors import ArtifactStoreError, NotFoundError

T = TypeVar("T")


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
        """Remove what is at `key`, if anything."""
        self._attempt("remove", key, lambda path: path.unlink(missing_ok=True))

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below a folder `prefix`, in order."""
        for path in sorted(self._path(prefix).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self.root).as_posix()

    def check(self) -> None:
        """Write and remove a few bytes."""
        key = f"health/{secrets.token_hex(8)}"
        self.put(key, b"ok")
        self.delete(key)

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
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Make a rename in this folder safe from a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
