"""Fixtures that every test may ask for: where weights, goldens and photos lie, a Redis, and a place for figures."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import redis

from shared.errors import ConfigurationError, DreamqueueError
from shared.settings import WeightsSettings
from tests.valkey import Valkey
from worker.weights.fetch import fetch

FIGURE = "figure"

Figure = Callable[[str, float, float], None]
"""Notes what was measured and the most that is allowed, and asserts it."""

ROOT = Path(__file__).parent.parent
BESIDE = ROOT.parent / "shared"


def required(path: Path, what: str) -> Path:
    """A path that a test cannot do without: missing, it skips on a developer's machine and fails in CI."""
    return path if path.exists() else missing(f"{what} are not at {path}")


def missing(reason: str) -> NoReturn:
    """End a test that lacks something: on a developer's machine it skips, in CI it fails."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test with processes of its own fails, show what they have written."""
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if hasattr(value, "logs"):
                report.sections += list(value.logs())
    return report


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """The folder with the pretrained networks as `.npz`."""
    return required(Path(os.environ.get("DREAMQUEUE_WEIGHTS__DIR", BESIDE / "weights")), "pretrained networks")


@pytest.fixture(scope="session")
def vgg16_settings() -> WeightsSettings:
    """Where vgg16 lies; where nobody has put it, it is fetched once into the user's cache, as the service would do."""
    given = Path(os.environ.get("DREAMQUEUE_WEIGHTS__DIR", BESIDE / "weights")).absolute()
    settings = WeightsSettings(dir=given if given.is_dir() else None)
    try:
        fetch("vgg16", settings)
    except DreamqueueError as error:
        missing(str(error))
    return settings


@pytest.fixture(scope="session")
def goldens_dir() -> Path:
    """The folder with what the original programs compute."""
    return required(BESIDE / "goldens", "results of the original programs")


@pytest.fixture(scope="session")
def photos_dir() -> Path:
    """The folder with the photos for tests."""
    return required(BESIDE / "photos", "photos")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address, without a database, of a Redis of our own, set up as the service sets it up."""
    server = Valkey(tmp_path_factory.mktemp("redis"), ("databases 64", "appendfsync everysec"))
    try:
        server.start()
    except ConfigurationError as error:
        missing(str(error))
    yield server.url
    server.stop()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """A Redis without a key in it: the job store's database; the broker's is the next."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return f"{redis_server}/0"


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """A measured figure, printed behind the tests."""

    def note(what: str, measured: float, at_most: float) -> None:
        record_property(FIGURE, f"{what} {measured:.4g} (at most {at_most:.4g})")
        assert measured <= at_most, what

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each test has measured."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {text}"
        for report in reports
        if report.when == "call"
        for name, text in report.user_properties
        if name == FIGURE
    ]
    if lines:
        terminalreporter.section("figures")
        terminalreporter.write("\n".join(lines) + "\n")
