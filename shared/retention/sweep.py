"""Sweeps: removes what is no longer kept, so that nothing is lost to a race or to a sudden end."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.artifacts.address import open_artifacts
from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactStoreError
from shared.jobs.census import ended_jobs, needed_files
from shared.jobs.references import SWEEP_SECONDS
from shared.jobs.store import JobStore, open_store
from shared.results import RESULT, result_folder
from shared.retention.decision import Decisions, Departure, decide
from shared.retention.facts import Facts, Kind, job_of, kind_of, object_of
from shared.retention.report import Report, lines_of
from shared.settings import RetentionSettings, Settings

OBJECTS_AT_ONCE = 50
BEGIN_SECONDS = SWEEP_SECONDS / 3
"""A deletion may take a store a minute: one that began later might end when the object is no longer condemned."""


@dataclass
class Sweeper:
    """Removes what is no longer kept, of one job store and one artifact store.

    Attributes:
        stop: when true, a sweep ends before its next removal, and the next sweep goes on.
    """

    store: JobStore
    artifacts: ArtifactStore
    keep: RetentionSettings
    stop: Callable[[], bool] = lambda: False
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    def look(self) -> Facts:
        """All that a decision needs; files first, so that whoever wrote one is known by the time jobs are looked at."""
        files = tuple(self.artifacts.files(""))
        objects = {object_of(file.key) for file in files if kind_of(file.key) in {Kind.ARTIFACTS, Kind.IMAGES}}
        return Facts(
            files=files,
            needed=self._needed([file.key for file in files]),
            referrers=self.store.references.referrers(sorted(objects)),
            ended=ended_jobs(self.store),
        )

    def decide(self) -> Decisions:
        """What would go now; nothing is changed."""
        return decide(self.look(), self.keep)

    def sweep(self) -> Report:
        """Remove what is no longer kept.

        Raises:
            StoreUnavailableError, ArtifactStoreError: what is left to remove, the next sweep removes.
        """
        decisions = self.decide()
        for job in decisions.retire:
            self.store.transitions.run("retire", job.id, job.ended_at)
        gone = [
            *self._forget(decisions.of(Kind.RECORDS)),
            *self._remove_objects(decisions.of(Kind.ARTIFACTS, Kind.IMAGES)),
            *self._remove_loose(decisions.of(Kind.CHECKPOINTS, Kind.PREVIEWS, Kind.QUARANTINE, Kind.HALF_WRITTEN)),
        ]
        return Report(lines=lines_of(gone), excess_bytes=decisions.excess_bytes)

    def remove(self, job_id: str) -> None:
        """Remove an ended job at once: the files that only it refers to, then its record.

        Cut off in the middle, it may be asked again. Images go by their own time: whoever uploaded one may want to name
        it again.

        Raises:
            NotFoundError: there is no such job.
            ConflictError: something of it may still run.
        """
        keys = {stage.key for stage in self.store.get(job_id).plan.stages}
        self.store.retire(job_id)
        for names in _chunks(sorted(keys)):
            self._remove_condemned({name: list(self.artifacts.keys(result_folder(name))) for name in names})
        for folder in (Kind.CHECKPOINTS, Kind.PREVIEWS):
            for key in list(self.artifacts.keys(f"{folder}/{job_id}")):
                self.artifacts.delete(key)
        self.store.forget(job_id)

    def _needed(self, keys: Sequence[str]) -> frozenset[str]:
        found: set[str] = set()
        for folder in (Kind.CHECKPOINTS, Kind.PREVIEWS):
            mine = [key for key in keys if kind_of(key) is folder]
            needed = needed_files(self.store, folder, sorted(set(map(job_of, mine))))
            found.update(key for key in mine if key in needed)
        return frozenset(found)

    def _forget(self, records: Iterable[Departure]) -> Iterator[Departure]:
        return (record for record in records if self.store.forget(record.name))

    def _remove_objects(self, departures: Sequence[Departure]) -> Iterator[Departure]:
        by_name = {departure.name: departure for departure in departures}
        for names in _chunks(list(by_name)):
            files = {name: [file.key for file in by_name[name].files] for name in names}
            yield from (by_name[name] for name in self._remove_condemned(files))

    def _remove_condemned(self, files: Mapping[str, Sequence[str]]) -> Sequence[str]:
        """Remove those objects that nobody needs at this moment, and keep everybody from taking them up meanwhile.

        Where this fails in the middle they stay condemned until that runs out: a store may carry out late what it was
        asked for.
        """
        before = time.monotonic() + BEGIN_SECONDS
        condemned = self.store.references.condemn(self.token, list(files))
        gone: list[str] = []
        for name in condemned:
            if self.stop():
                break
            for key in sorted(files[name], key=_result_first):
                self._delete(key, before)
            gone.append(name)
        self.store.references.swept(self.token, condemned)
        return gone

    def _delete(self, key: str, before: float) -> None:
        if time.monotonic() > before:
            raise ArtifactStoreError(f"the store was too slow to remove {key} in time; the next sweep goes on")
        self.artifacts.delete(key)

    def _remove_loose(self, departures: Iterable[Departure]) -> Iterator[Departure]:
        for departure in departures:
            if self.stop():
                return
            self.artifacts.delete(departure.name)
            yield departure


def open_sweeper(settings: Settings, stop: Callable[[], bool] = lambda: False) -> Sweeper:
    """The sweeper of the stores that the settings name."""
    return Sweeper(open_store(settings), open_artifacts(settings.artifacts_url), settings.retention, stop)


def _result_first(key: str) -> bool:
    """Where no `result.json` lies, nobody takes up the rest."""
    return not key.endswith(f"/{RESULT}")


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), OBJECTS_AT_ONCE):
        yield names[start : start + OBJECTS_AT_ONCE]
