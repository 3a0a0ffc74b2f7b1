"""Sweeps every so often, beside the reconciler: of all such processes one has the turn."""

import math
import threading

import structlog

from shared.errors import DreamqueueError
from shared.jobs.connection import answering
from shared.retention.report import Report
from shared.retention.sweep import Sweeper, open_sweeper
from shared.settings import Settings

log = structlog.get_logger(__name__)

LOOKS_A_TURN = 4
LOOK_SECONDS = 60.0
"""How long at most nobody looks whose turn it is."""


class Housekeeper(threading.Thread):
    """A thread of its own: to list a large store takes minutes, in which dead workers must be noticed all the same."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        super().__init__(name="housekeeper", daemon=True)
        self._settings = settings
        self._stop_asked = stop
        self._every_seconds = settings.retention.every_seconds

    def run(self) -> None:
        """Sweep until it is asked to stop, whatever becomes of a single sweep."""
        if math.isinf(self._every_seconds):
            return
        pause_seconds = min(self._every_seconds / LOOKS_A_TURN, LOOK_SECONDS)
        while not self._stop_asked.wait(pause_seconds):
            try:
                self._sweep_in_turn()
            except DreamqueueError as error:
                log.warning("could not sweep; the next turn goes on", reason=str(error))
            except Exception:
                log.exception("could not sweep; the next turn tries again")

    def _sweep_in_turn(self) -> None:
        sweeper = open_sweeper(self._settings, self._stop_asked.is_set)
        try:
            if _has_turn(sweeper, self._every_seconds):
                _tell(sweeper.sweep())
        finally:
            sweeper.store.redis.close()


def _has_turn(sweeper: Sweeper, every_seconds: float) -> bool:
    """Whether nobody has swept for so long; whoever asks first has the turn."""
    every_ms = max(1, round(every_seconds * 1000))
    with answering():
        return bool(sweeper.store.redis.set(f"{sweeper.store.prefix}:swept", sweeper.token, nx=True, px=every_ms))


def _tell(report: Report) -> None:
    for line in report.lines:
        log.info("removed", what=line.kind.value, count=line.count, bytes=line.bytes, why=line.why.value)
    if report.excess_bytes:
        log.warning("more is kept than retention.max_bytes, and nothing more may go", excess_bytes=report.excess_bytes)
