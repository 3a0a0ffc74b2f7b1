"""The artifact store in a bucket of S3 or its kin."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from obstore.exceptions import BaseError, GenericError
from obstore.store import S3Store

from shared.artifacts.store import StoredFile
from shared.errors import ArtifactStoreError, NotFoundError

if TYPE_CHECKING:
    from obstore import ObjectMeta

T = TypeVar("T")
_SECONDS_A_TRY = timedelta(seconds=30)
_SECONDS_IN_ALL = timedelta(seconds=60)


class BucketStore:
    """Objects below a prefix; credentials, region and endpoint come from the usual AWS_… variables.

    A put is atomic by itself: an object is replaced whole.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        # Plain http is only used when AWS_ENDPOINT_URL itself says so.
        self._store = S3Store.from_url(
            url,
            client_options={"allow_http": True, "connect_timeout": timedelta(seconds=3), "timeout": _SECONDS_A_TRY},
            retry_config={"max_retries": 5, "retry_timeout": _SECONDS_IN_ALL},
        )

    def put(self, key: str, data: bytes) -> None:
        """Put `data` at `key` in one step."""
        try:
            self._attempt("write", key, lambda: self._store.put(key, data))
        except NotFoundError:
            raise ArtifactStoreError(f"cannot write {key} in {self._url}: there is no such bucket") from None

    def get(self, key: str) -> bytes:
        """All bytes at `key`."""
        return self._attempt("read", key, lambda: bytes(self._store.get(key).bytes()))

    def read(self, key: str, start: int, length: int) -> bytes:
        """Some bytes at `key`."""
        return self._attempt("read", key, lambda: self._part(key, start, length))

    def size(self, key: str) -> int | None:
        """How many bytes lie at `key`."""
        try:
            return self._attempt("look up", key, lambda: self._store.head(key)["size"])
        except NotFoundError:
            return None

    def delete(self, key: str) -> None:
        """Remove what is at `key`, if anything."""
        self._attempt("remove", key, lambda: self._store.delete(key))

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below a folder `prefix`, in order."""
        yield from sorted(item["path"] for item in self._listed(prefix))

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """Every object below a folder `prefix`; what was only half written is none."""
        now = self._now()
        for item in self._listed(prefix):
            age_seconds = (now - item["last_modified"]).total_seconds()
            yield StoredFile(item["path"], item["size"], max(0.0, age_seconds))

    def check(self) -> None:
        """Write and remove a few bytes."""
        self.put("health/check", b"ok")
        self.delete("health/check")

    def _now(self) -> datetime:
        """The time of the store: that of an object written just now."""
        key = f"health/{secrets.token_hex(8)}"
        self.put(key, b"ok")
        written = self._attempt("look up", key, lambda: self._store.head(key)["last_modified"])
        self.delete(key)
        return written

    def _listed(self, prefix: str) -> "Sequence[ObjectMeta]":
        pages = self._attempt("list", prefix, lambda: list(self._store.list(prefix or None)))  # pyright: ignore[reportUnknownMemberType]
        return [item for page in pages for item in page]

    def _part(self, key: str, start: int, length: int) -> bytes:
        try:
            return bytes(self._store.get_range(key, start=start, length=length))
        except GenericError:
            # Some of S3's kin answer a range with the whole object, which the client refuses.
            return self.get(key)[start : start + length]

    def _attempt(self, verb: str, key: str, act: Callable[[], T]) -> T:
        """Do something in the bucket; whatever goes wrong becomes one of our errors."""
        try:
            return act()
        except FileNotFoundError:
            raise NotFoundError(f"no artifact {key!r}") from None
        except (BaseError, OSError) as error:
            reason = str(error).partition("\n")[0]
            raise ArtifactStoreError(f"cannot {verb} {key} in {self._url}: {reason}") from error
