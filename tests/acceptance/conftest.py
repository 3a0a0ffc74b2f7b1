"""The service around work that only counts, all of it gone at the end of each test."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.acceptance.machine import Machine
from tests.service import Service, impatient, service_in


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test with processes of its own fails, show what they have written."""
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Machine | Service):
                report.sections += list(value.logs())
    return report


@pytest.fixture
def service(redis_url: str, tmp_path: Path) -> Iterator[Service]:
    """A store, a broker and a reconciler; workers are started by the tests."""
    with service_in(tmp_path, impatient(tmp_path, redis_url)) as service:
        yield service
