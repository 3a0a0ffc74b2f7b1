"""Houses to be swept: one in a folder, or one in each kind of store."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from shared.artifacts.address import open_artifacts
from shared.artifacts.store import ArtifactStore
from shared.jobs.store import JobStore
from tests.bucket import artifacts_in_bucket
from tests.shared.retention.house import House


def in_folder(path: Path, _monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[ArtifactStore]:
    return nullcontext(open_artifacts(str(path / "artifacts")))


@pytest.fixture
def house(store: JobStore, tmp_path: Path) -> House:
    return House(store, open_artifacts(str(tmp_path / "artifacts")))


@pytest.fixture(params=[in_folder, artifacts_in_bucket])
def any_house(
    store: JobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[House]:
    """One house in a folder, one in a bucket."""
    with request.param(tmp_path, monkeypatch) as artifacts:
        yield House(store, artifacts)
