"""Decides what is no longer kept: a pure function from what is seen, and the settings, to what goes and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.artifacts.store import StoredFile
from shared.jobs.census import EndedJob
from shared.retention.facts import Facts, Kind, by_kind, by_object, job_of
from shared.retention.reasons import Why
from shared.retention.results import Results
from shared.settings import RetentionSettings


@dataclass(frozen=True)
class Departure:
    """Something that goes.

    Attributes:
        name: a job's id for a record, what jobs refer to for artifacts and images, else the key.
    """

    kind: Kind
    name: str
    why: Why
    files: tuple[StoredFile, ...] = ()


@dataclass(frozen=True)
class Decisions:
    """What goes.

    Attributes:
        retire: jobs to part from their pictures, before anything of those goes.
        departures: everything that goes.
        excess_bytes: what is kept beyond the budget although nothing more may go.
    """

    retire: tuple[EndedJob, ...] = ()
    departures: tuple[Departure, ...] = ()
    excess_bytes: int = 0

    def of(self, *kinds: Kind) -> tuple[Departure, ...]:
        """Those of some classes."""
        return tuple(departure for departure in self.departures if departure.kind in kinds)


def decide(facts: Facts, keep: RetentionSettings) -> Decisions:
    """What goes now: nothing that an unfinished stage needs, or that a job refers to which keeps its pictures."""
    files = by_kind(facts.files)
    retired = {job.id for job in facts.ended if job.ended_seconds >= keep.artifacts_seconds}
    forgotten = [job for job in facts.ended if job.ended_seconds >= keep.records_seconds]
    # A job that is parted from its pictures is never taken up again.
    needed = frozenset(key for key in facts.needed if job_of(key) not in retired)
    others = (*_loose(files, needed, keep), *_images(files[Kind.IMAGES], facts.referrers, forgotten, keep))
    results = Results(by_object(files[Kind.ARTIFACTS]), facts.referrers)
    results.retire(retired)
    results.drop_unneeded(keep.artifacts_seconds)
    excess_bytes = 0
    if keep.max_bytes is not None:
        kept_bytes = _bytes(file for kind in files.values() for file in kind) - _bytes(_files(others))
        excess_bytes = results.make_room(keep.max_bytes - kept_bytes, [job.id for job in facts.ended])
    gone = [Departure(Kind.ARTIFACTS, name, why, results.files(name)) for name, why in results.going.items()]
    records = [Departure(Kind.RECORDS, job.id, Why.ENDED) for job in forgotten]
    retire = tuple(job for job in facts.ended if job.id in results.retired and job.has_pictures)
    return Decisions(retire, (*gone, *records, *others), excess_bytes)


def _loose(
    files: Mapping[Kind, Sequence[StoredFile]], needed: frozenset[str], keep: RetentionSettings
) -> list[Departure]:
    """Files that belong to nothing that jobs refer to, each for itself."""
    limits = {
        Kind.CHECKPOINTS: (keep.leftovers_seconds, Why.LEFT_OVER),
        Kind.PREVIEWS: (keep.leftovers_seconds, Why.LEFT_OVER),
        Kind.HALF_WRITTEN: (keep.leftovers_seconds, Why.HALF_WRITTEN),
        Kind.QUARANTINE: (keep.quarantine_seconds, Why.LOOKED_AT),
    }
    return [
        Departure(kind, file.key, why, (file,))
        for kind, (seconds, why) in limits.items()
        for file in files[kind]
        if file.age_seconds >= seconds and file.key not in needed
    ]


def _images(
    files: Sequence[StoredFile],
    referrers: Mapping[str, frozenset[str]],
    forgotten: Sequence[EndedJob],
    keep: RetentionSettings,
) -> list[Departure]:
    """Images outlive pictures: with them, and the spec in the record, the pictures can be made again."""
    leaving = {job.id for job in forgotten}
    return [
        Departure(Kind.IMAGES, name, Why.UNNEEDED, tuple(found))
        for name, found in by_object(files).items()
        if referrers.get(name, frozenset()) <= leaving and _youngest(found) >= keep.images_seconds
    ]


def _files(departures: Iterable[Departure]) -> Iterable[StoredFile]:
    return (file for departure in departures for file in departure.files)


def _bytes(files: Iterable[StoredFile]) -> int:
    return sum(file.bytes for file in files)


def _youngest(files: Iterable[StoredFile]) -> float:
    return min(file.age_seconds for file in files)
