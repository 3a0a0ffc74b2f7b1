"""What every artifact store can do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class StoredFile:
    """What lies at a key, seen from outside.

    Attributes:
        age_seconds: since it was written, 0 at least, by the store's own clock: no two machines need agree on the time.
    """

    key: str
    bytes: int
    age_seconds: float


class ArtifactStore(Protocol):
    """Bytes under keys; a key has its whole content or is not there at all.

    Every method may raise ArtifactStoreError, which says what could not be done and why.
    """

    def put(self, key: str, data: bytes) -> None:
        """Put `data` at `key` in one step, replacing what was there."""
        ...

    def get(self, key: str) -> bytes:
        """All bytes at `key`; NotFoundError when there are none."""
        ...

    def read(self, key: str, start: int, length: int) -> bytes:
        """Some bytes at `key`; NotFoundError when there are none."""
        ...

    def size(self, key: str) -> int | None:
        """How many bytes lie at `key`; None when there is nothing."""
        ...

    def delete(self, key: str) -> None:
        """Remove what is at `key`, if anything."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below a folder `prefix`, in order."""
        ...

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """Every file below a folder `prefix`, those too that somebody began to write and no key names yet."""
        ...

    def check(self) -> None:
        """Write and remove a few bytes, to see that the store works."""
        ...
