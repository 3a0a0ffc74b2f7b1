"""The weights' folder on disk: whole files only, and clear words when there is no room."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import WeightsDiskFullError, WeightsUnavailableError

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def writing_to(folder: Path, about_bytes: int) -> Iterator[None]:
    """Turn what the disk refuses into an error that says what to do.

    Raises:
        WeightsDiskFullError: no room is left in the folder, which needs `about_bytes`.
        WeightsUnavailableError: the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full(folder, about_bytes) from error
        raise WeightsUnavailableError(
            f"cannot keep weights in {folder}: {error}; set DREAMQUEUE_WEIGHTS__CACHE_DIR to a folder you can write"
        ) from error


def disk_full(folder: Path, about_bytes: int) -> WeightsDiskFullError:
    """The error for a folder that needs room for `about_bytes`."""
    return WeightsDiskFullError(
        f"no room left in {folder}: {about_bytes / 1e6:.0f} MB are needed; "
        "free some space or set DREAMQUEUE_WEIGHTS__CACHE_DIR to a folder on a larger disk"
    )


def put_in_place(part: Path, target: Path) -> Path:
    """Give a finished file its name, in one step that survives a power cut."""
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return target


def part_of(target: Path) -> Path:
    """Where a file grows until it is whole and checked."""
    return target.with_name(f"{target.name}.part")
