"""The housekeeper: of all that there are, one sweeps when it is time, and no failure ends it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import ArtifactStoreError
from shared.retention.housekeeper import Housekeeper
from shared.retention.report import Report
from shared.retention.sweep import Sweeper
from shared.settings import RedisSettings, RetentionSettings, Settings
from tests.patience import wait_until

LONG_SECONDS, SHORT_SECONDS = 4.0, 0.1


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Ends the threads of a test, however it ends."""
    event = threading.Event()
    yield event
    event.set()


def settings_of(redis_url: str, folder: Path, every_seconds: float) -> Settings:
    retention = RetentionSettings(every_seconds=every_seconds)
    return Settings(data_dir=folder, redis=RedisSettings(url=redis_url), retention=retention)


def test_of_several_one_sweeps_when_it_is_time(
    redis_url: str, tmp_path: Path, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeps: list[str] = []
    monkeypatch.setattr(Sweeper, "sweep", lambda self: (sweeps.append(self.token), Report())[1])
    keepers = [Housekeeper(settings_of(redis_url, tmp_path, LONG_SECONDS), stop) for _ in range(3)]

    for keeper in keepers:
        keeper.start()
    wait_until(lambda: bool(sweeps), "somebody sweeps")
    stop.wait(LONG_SECONDS / 2)

    assert len(sweeps) == 1


@pytest.mark.parametrize("failure", [ArtifactStoreError("the disk is away"), ZeroDivisionError("a mistake of ours")])
def test_a_sweep_that_fails_does_not_end_the_housekeeper(
    redis_url: str, tmp_path: Path, stop: threading.Event, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    tried = threading.Semaphore(0)

    def failing(_: Sweeper) -> Report:
        tried.release()
        raise failure

    monkeypatch.setattr(Sweeper, "sweep", failing)
    keeper = Housekeeper(settings_of(redis_url, tmp_path, SHORT_SECONDS), stop)
    keeper.start()

    assert all(tried.acquire(timeout=10) for _ in range(3))
    stop.set()
    keeper.join(10)
    assert not keeper.is_alive()


def test_where_nothing_is_to_be_swept_unasked_the_housekeeper_goes_home(
    redis_url: str, tmp_path: Path, stop: threading.Event
) -> None:
    keeper = Housekeeper(settings_of(redis_url, tmp_path, float("inf")), stop)

    keeper.start()
    keeper.join(5)

    assert not keeper.is_alive()
