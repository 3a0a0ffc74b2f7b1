"""A service with a Redis of its own for every fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import Service, impatient, service_in
from tests.valkey import Valkey, serving


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A Redis that may be killed."""
    with serving(Valkey(tmp_path / "redis")) as server:
        yield server


@pytest.fixture
def service(valkey: Valkey, tmp_path: Path) -> Iterator[Service]:
    """A store, a broker and a reconciler; workers are started by the tests."""
    with service_in(tmp_path, impatient(tmp_path, f"{valkey.url}/0")) as service:
        yield service
