"""Houses to be swept: one in a folder, or one in each kind of store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.artifacts.address import open_artifacts
from shared.artifacts.store import ArtifactStore
from shared.jobs.store import JobStore
from tests.bucket import Bucket
from tests.shared.retention.house import House


def in_folder(path: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[ArtifactStore]:
    yield open_artifacts(str(path / "artifacts"))


def in_bucket(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArtifactStore]:
    bucket = Bucket(path)
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    bucket.start()
    yield open_artifacts(bucket.url)
    bucket.kill()


@pytest.fixture
def house(store: JobStore, tmp_path: Path) -> House:
    return House(store, open_artifacts(str(tmp_path / "artifacts")))


@pytest.fixture(params=[in_folder, in_bucket])
def any_house(
    store: JobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[House]:
    """One house in a folder, one in a bucket."""
    opened = request.param(tmp_path, monkeypatch)
    yield House(store, next(opened))
    next(opened, None)
