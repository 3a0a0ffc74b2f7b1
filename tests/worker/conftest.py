"""A scene for every test of the runner."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from shared.artifacts.directory import DirectoryStore
from shared.jobs.store import open_store
from shared.leases import Leases
from shared.settings import LeaseSettings, RedisSettings, Settings
from tests.worker.scene import Scene


@pytest.fixture
def scene(redis_url: str, tmp_path: Path) -> Iterator[Scene]:
    lease = LeaseSettings(seconds=2, attempts=3, pause_seconds=0)
    settings = Settings(redis=RedisSettings(url=redis_url), lease=lease)
    store = open_store(settings)
    yield Scene(store, Leases(store.redis, store.prefix, lease), DirectoryStore(tmp_path / "artifacts"), settings)
    store.redis.close()


@pytest.fixture
def undisturbed(scene: Scene) -> dict[str, bytes]:
    """What a job makes that nothing happens to; its results are gone again, so that later jobs make their own."""
    job = scene.submit()
    scene.run_all(job.id)
    made = scene.result_bytes(job.id)
    for key in list(scene.artifacts.keys("stages")):
        scene.artifacts.delete(key)
    scene.units.clear()
    scene.rung.clear()
    return made


@pytest.fixture
def _worker_logging() -> Iterator[None]:
    """Our loggers speak to the handlers that the standard library keeps, as in a worker."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    yield
    root.setLevel(level)
    structlog.reset_defaults()
