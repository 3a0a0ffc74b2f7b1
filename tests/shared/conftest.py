"""A job store on a real server, for everything that is shared."""

from collections.abc import Iterator

import pytest

from shared.jobs.store import JobStore, open_store
from shared.settings import RedisSettings, Settings


@pytest.fixture
def store(redis_url: str) -> Iterator[JobStore]:
    """A store with nothing in it."""
    opened = open_store(Settings(redis=RedisSettings(url=redis_url)))
    yield opened
    opened.redis.close()
