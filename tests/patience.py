"""Waits for what processes do in their own time."""

import time
from collections.abc import Callable

import pytest

WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.02


def wait_until(condition: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> float:
    """Wait for a condition; returns how many seconds it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            pytest.fail(f"after {seconds} s still not: {what}")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began
