"""Loading the engine late."""

import os

import pytest

from worker import late
from worker.late import _kept_back


def test_what_native_code_writes_is_kept_back(capfd: pytest.CaptureFixture[str]) -> None:
    with _kept_back():
        os.write(late.STDERR, b"chatter\n")
    os.write(late.STDERR, b"afterwards\n")

    assert capfd.readouterr().err == "afterwards\n"


def test_what_was_written_before_a_failure_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with _kept_back():
            os.write(late.STDERR, b"no such library\n")
            raise ImportError

    with pytest.raises(ImportError):
        fail()

    assert capfd.readouterr().err == "no such library\n"
