"""The service around work that only counts, all of it gone at the end of each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import Service, impatient, service_in


@pytest.fixture
def service(redis_url: str, tmp_path: Path) -> Iterator[Service]:
    """A store, a broker and a reconciler; workers are started by the tests."""
    with service_in(tmp_path, impatient(tmp_path, redis_url)) as service:
        yield service
