"""Chooses the results that go: a result is shared by all jobs that refer to it, and goes with the last of them."""

from collections.abc import Iterable, Mapping, Sequence

from shared.artifacts.store import StoredFile
from shared.retention.reasons import Why

NOBODY: frozenset[str] = frozenset()


class Results:
    """The results that lie in the store, the jobs that are parted from theirs, and what goes by that.

    Attributes:
        retired: jobs that are parted from their pictures.
        going: the results that go, and why.
    """

    def __init__(self, objects: Mapping[str, Sequence[StoredFile]], referrers: Mapping[str, frozenset[str]]) -> None:
        self.retired: set[str] = set()
        self.going: dict[str, Why] = {}
        self._objects = objects
        self._referrers = {name: referrers.get(name, NOBODY) for name in objects}
        self._of_job: dict[str, list[str]] = {}
        for name, jobs in self._referrers.items():
            for job in jobs:
                self._of_job.setdefault(job, []).append(name)

    def files(self, name: str) -> tuple[StoredFile, ...]:
        """The files of a result."""
        return tuple(self._objects[name])

    def retire(self, jobs: Iterable[str], why: Why = Why.ENDED) -> int:
        """Part jobs from their pictures; returns how many bytes go by that."""
        freed_bytes = 0
        for job in jobs:
            self.retired.add(job)
            for name in self._of_job.get(job, ()):
                if self._referrers[name] <= self.retired and name not in self.going:
                    freed_bytes += self._go(name, why)
        return freed_bytes

    def drop_unneeded(self, seconds: float) -> None:
        """Let go of results that no job refers to.

        They are given as much time as those of an ended job: a Redis that lost its jobs, or another one asked by
        mistake, must not cost all pictures at once.
        """
        for name in self._unneeded():
            if self._age_seconds(name) >= seconds:
                self._go(name, Why.UNNEEDED)

    def make_room(self, room_bytes: int, ended: Sequence[str]) -> int:
        """Let go of more: what no job refers to, oldest first, then what ended jobs have made, first ended first.

        Args:
            room_bytes: how much is left of the budget, negative when it is overdrawn, before any result goes.
            ended: jobs that have ended, first ended first.

        Returns:
            How many bytes are kept beyond the budget.
        """
        room_bytes += sum(self._bytes(name) for name in self.going)
        for name in self._unneeded():
            if room_bytes < 0:
                room_bytes += self._go(name, Why.BUDGET)
        before = set(self.retired)
        for job in ended:
            if room_bytes < 0 and job not in self.retired:
                room_bytes += self.retire([job], Why.BUDGET)
        # Nothing is won by parting a job from pictures that others keep.
        lost = {job for name in self.going for job in self._referrers[name]}
        self.retired &= before | lost
        return max(0, -room_bytes)

    def _unneeded(self) -> list[str]:
        found = [name for name, jobs in self._referrers.items() if not jobs and name not in self.going]
        return sorted(found, key=self._age_seconds, reverse=True)

    def _go(self, name: str, why: Why) -> int:
        self.going[name] = why
        return self._bytes(name)

    def _bytes(self, name: str) -> int:
        return sum(file.bytes for file in self._objects[name])

    def _age_seconds(self, name: str) -> float:
        return min(file.age_seconds for file in self._objects[name])
