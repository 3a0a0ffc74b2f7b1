"""The log's tail: the last lines of every logger, bounded, without secrets, and only for as long as it is asked for."""

import logging

import pytest
import structlog

from worker.excerpt import MOST_BYTES
from worker.log_tail import LINE_CHARACTERS, MOST_LINES, log_tail

pytestmark = pytest.mark.usefixtures("_worker_logging")


def test_lines_of_ours_and_of_others_are_kept_as_people_read_them() -> None:
    with log_tail(()) as tail:
        structlog.get_logger("ours").info("stage begins", attempt=1, job="job_a", stage="dream-00")
        logging.getLogger("tensorflow").warning("%s is slow", "it")

    ours, others = tail.text.splitlines()
    assert "stage begins" in ours
    assert "attempt=1" in ours
    assert "job_a" not in ours
    assert "it is slow" in others
    assert "[tensorflow]" in others


def test_what_is_logged_before_or_behind_it_is_not_in_it() -> None:
    logging.getLogger("others").warning("before")
    with log_tail(()) as tail:
        logging.getLogger("others").warning("within")
    logging.getLogger("others").warning("behind")

    assert "within" in tail.text
    assert len(tail.text.splitlines()) == 1


def test_only_the_last_lines_are_kept_and_no_more_bytes_than_allowed() -> None:
    with log_tail(()) as tail:
        for number in range(3 * MOST_LINES):
            logging.getLogger("others").warning("line %s %s", number, "é" * 10_000)

    lines = tail.text.splitlines()
    assert len(tail.text.encode()) <= MOST_BYTES
    assert len(lines) <= MOST_LINES
    assert f"line {3 * MOST_LINES - 1} " in lines[-1]
    assert len(lines[-1]) == LINE_CHARACTERS


def test_short_lines_are_as_many_as_allowed() -> None:
    with log_tail(()) as tail:
        for number in range(MOST_LINES + 5):
            logging.getLogger("others").warning("line %s.", number)

    assert len(tail.text.splitlines()) == MOST_LINES
    assert "line 5." in tail.text
    assert "line 4." not in tail.text


def test_secrets_are_not_kept_however_a_line_is_cut() -> None:
    with log_tail(("hush",)) as tail:
        logging.getLogger("others").warning("%s hush", "x" * (LINE_CHARACTERS - 80))

    assert "hu" not in tail.text


def test_lines_are_unsent_until_they_were_sent_and_when_there_are_more() -> None:
    with log_tail(()) as tail:
        silent = tail.unsent
        logging.getLogger("others").warning("one")
        first = tail.unsent
        tail.sent(first or "")
        second = tail.unsent
        logging.getLogger("others").warning("two")
        third = tail.unsent

    assert (silent, second) == (None, None)
    assert "one" in (first or "")
    assert "two" in (third or "")


def test_a_line_that_cannot_be_formatted_fails_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    with log_tail(()) as tail:
        tail.handle(logging.LogRecord("others", logging.WARNING, "", 0, "%d", ("no number",), None))

    assert tail.text == ""
    assert "no number" in capsys.readouterr().err
