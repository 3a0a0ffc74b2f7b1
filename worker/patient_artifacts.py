"""An artifact store whose reads wait for it to come back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from shared.artifacts.store import ArtifactStore, StoredFile
from worker.patience import insist

T = TypeVar("T")


@dataclass(frozen=True)
class PatientArtifacts:
    """Reads insist: a stage cannot begin without them. The rest goes straight through.

    A checkpoint or a preview is not worth waiting for, and what is to be removed only takes room.

    Attributes:
        store: where the bytes lie.
        give_up: when true, one refusal is enough.
        patience_seconds: how long to insist.
    """

    store: ArtifactStore
    give_up: Callable[[], bool]
    patience_seconds: float

    def put(self, key: str, data: bytes) -> None:
        """Put `data` at `key`, or say at once why not."""
        self.store.put(key, data)

    def get(self, key: str) -> bytes:
        """All bytes at `key`."""
        return self._insist(lambda: self.store.get(key))

    def read(self, key: str, start: int, length: int) -> bytes:
        """Some bytes at `key`."""
        return self._insist(lambda: self.store.read(key, start, length))

    def size(self, key: str) -> int | None:
        """How many bytes lie at `key`."""
        return self._insist(lambda: self.store.size(key))

    def delete(self, key: str) -> None:
        """Remove what is at `key`, or say at once why not."""
        self.store.delete(key)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below a folder `prefix`, in order."""
        return self.store.keys(prefix)

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """Every file below a folder `prefix`, half-written ones too."""
        return self.store.files(prefix)

    def check(self) -> None:
        """Write and remove a few bytes."""
        self.store.check()

    def _insist(self, ask: Callable[[], T]) -> T:
        return insist(ask, self.give_up, self.patience_seconds)
