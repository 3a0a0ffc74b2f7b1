"""Logging: every line is JSON where nobody reads it, and bears the job and stage it belongs to."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.telemetry import configure_logging


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("_logging_as_before")
def test_lines_of_ours_and_of_others_are_json_with_job_and_stage(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()

    with structlog.contextvars.bound_contextvars(job="job_a", stage="dream-00"):
        structlog.get_logger("ours").info("stage begins", attempt=1)
        logging.getLogger("others").warning("%s went wrong", "something")

    ours, others = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["attempt"], ours["level"]) == ("stage begins", 1, "info")
    assert (others["event"], others["logger"]) == ("something went wrong", "others")
    assert {(line["job"], line["stage"]) for line in (ours, others)} == {("job_a", "dream-00")}
