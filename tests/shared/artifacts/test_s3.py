"""The artifact store in a bucket, against a real S3 server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.artifacts.address import open_artifacts
from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactStoreError, NotFoundError
from tests.bucket import artifacts_in_bucket


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArtifactStore]:
    with artifacts_in_bucket(tmp_path, monkeypatch) as store:
        yield store


def test_what_is_put_in_a_bucket_is_got_whole_or_in_part(store: ArtifactStore) -> None:
    store.put("a/b.png", b"0123456789")

    assert store.get("a/b.png") == b"0123456789"
    assert store.read("a/b.png", 2, 3) == b"234"
    assert store.size("a/b.png") == 10
    assert list(store.keys("a")) == ["a/b.png"]


def test_objects_are_listed_with_size_and_age(store: ArtifactStore) -> None:
    store.put("a/b.png", b"0123456789")

    (found,) = store.files("")

    assert (found.key, found.bytes) == ("a/b.png", 10)
    assert 0 <= found.age_seconds < 10


def test_what_is_not_in_the_bucket_is_said_not_to_be(store: ArtifactStore) -> None:
    store.delete("nothing")

    assert store.size("nothing") is None
    with pytest.raises(NotFoundError, match="no artifact 'nothing'"):
        store.get("nothing")


def test_the_check_writes_and_leaves_nothing_behind(store: ArtifactStore) -> None:
    store.check()

    assert list(store.keys("health")) == []


def test_a_bucket_that_is_not_there_is_a_clear_error(store: ArtifactStore) -> None:
    del store
    with pytest.raises(ArtifactStoreError, match="cannot write health/check in s3://elsewhere"):
        open_artifacts("s3://elsewhere").check()
