"""Whether this worker was asked to put its stage away."""

import signal
from collections.abc import Generator
from contextlib import contextmanager


class Draining:
    """Plain flags, for a signal handler may set them at any moment, even while a lock is held."""

    def __init__(self) -> None:
        self._stage = False
        self._worker = False

    def ask_stage(self) -> None:
        """Put away the stage that runs; the next one is worked on again."""
        self._stage = True

    def ask_worker(self) -> None:
        """Put away the stage that runs, and any that still comes: the worker is being stopped."""
        self._worker = True

    def is_set(self) -> bool:
        """Whether the stage that runs must be put away."""
        return self._stage or self._worker

    def stage_ended(self) -> None:
        """The stage that was asked for is gone."""
        self._stage = False


@contextmanager
def terminate_drains(draining: Draining) -> Generator[None]:
    """Terminate in Flower, or a signal to the whole process group, puts the stage away instead of losing it.

    The pool sets its own handler behind every initializer, so this one lasts as long as a stage runs.
    """
    before = signal.signal(signal.SIGTERM, lambda *_: draining.ask_stage())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
