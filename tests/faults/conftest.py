"""A service with a Redis of its own for every fault, and the figures that the faults cost."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service import Service, impatient, service_in
from tests.valkey import Valkey, serving

FIGURE = "figure"

Figure = Callable[[str, float, float], None]
"""Notes what was measured and the most that is allowed, and asserts it."""


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


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """A figure of this fault, printed behind the tests."""

    def note(what: str, measured: float, at_most: float) -> None:
        record_property(FIGURE, f"{what} {measured:.4g} (at most {at_most:.4g})")
        assert measured <= at_most, what

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each fault cost."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {text}"
        for report in reports
        if report.when == "call"
        for name, text in report.user_properties
        if name == FIGURE
    ]
    if lines:
        terminalreporter.section("figures of faults")
        terminalreporter.write("\n".join(lines) + "\n")
