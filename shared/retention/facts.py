"""What a sweep sees: the files of the artifact store, the jobs that have ended, and who needs what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from shared.artifacts.directory import HALF_WRITTEN
from shared.artifacts.store import StoredFile
from shared.jobs.census import EndedJob


class Kind(StrEnum):
    """The classes of things that are kept for a time."""

    CHECKPOINTS = "checkpoints"
    PREVIEWS = "previews"
    ARTIFACTS = "artifacts"
    IMAGES = "images"
    QUARANTINE = "quarantine"
    HALF_WRITTEN = "half-written"
    RECORDS = "records"


FOLDERS: Mapping[str, Kind] = MappingProxyType(
    {
        "checkpoints": Kind.CHECKPOINTS,
        "previews": Kind.PREVIEWS,
        "stages": Kind.ARTIFACTS,
        "images": Kind.IMAGES,
        "quarantine": Kind.QUARANTINE,
        "health": Kind.HALF_WRITTEN,
    }
)
"""The folders that are ours; whatever else lies in the store is somebody else's, and is left alone."""


@dataclass(frozen=True)
class Facts:
    """What is seen at one moment, files first.

    Attributes:
        files: all that lies in the artifact store.
        ended: jobs of which nothing runs any more, first ended first.
        referrers: which jobs refer to each result and image that lies in the store.
        needed: keys of the checkpoints and previews that unfinished stages need.
    """

    files: tuple[StoredFile, ...] = ()
    ended: tuple[EndedJob, ...] = ()
    referrers: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    needed: frozenset[str] = frozenset()


def kind_of(key: str) -> Kind | None:
    """The class of the file at a key; None for one that is not ours."""
    folder, _, rest = key.partition("/")
    if not rest or folder not in FOLDERS:
        return None
    return Kind.HALF_WRITTEN if rest.rpartition("/")[2].startswith(HALF_WRITTEN) else FOLDERS[folder]


def object_of(key: str) -> str:
    """What a file is part of, as jobs refer to it: a stage key, or the id of an image."""
    parts = key.split("/")
    if kind_of(key) is Kind.IMAGES:
        return f"sha256:{parts[-1].partition('.')[0]}"
    return parts[2] if len(parts) > 3 else key


def job_of(key: str) -> str:
    """The job whose checkpoint or preview lies at a key."""
    return key.split("/")[1]


def by_kind(files: Iterable[StoredFile]) -> Mapping[Kind, list[StoredFile]]:
    """The files that are ours, class by class."""
    found: dict[Kind, list[StoredFile]] = {kind: [] for kind in Kind}
    for file in files:
        kind = kind_of(file.key)
        if kind is not None:
            found[kind].append(file)
    return found


def by_object(files: Iterable[StoredFile]) -> Mapping[str, list[StoredFile]]:
    """The files of results or images, object by object."""
    found: dict[str, list[StoredFile]] = {}
    for file in files:
        found.setdefault(object_of(file.key), []).append(file)
    return found
