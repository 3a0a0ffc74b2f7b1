"""Leases that last longer than any test of the job store."""

import pytest

from shared.jobs.store import JobStore
from shared.leases import Leases
from shared.settings import LeaseSettings


@pytest.fixture
def leases(store: JobStore) -> Leases:
    """Two attempts a stage, without a pause between them."""
    return Leases(store.redis, store.prefix, LeaseSettings(seconds=5, attempts=2, pause_seconds=0))
