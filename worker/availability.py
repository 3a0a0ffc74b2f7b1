"""Tells the store which networks this machine has, so that `network: auto` can be resolved."""

import threading
from collections.abc import Callable, Sequence

import structlog

from shared.errors import StoreUnavailableError
from shared.jobs.store import NETWORKS_SECONDS, JobStore

log = structlog.get_logger(__name__)

EVERY_SECONDS = NETWORKS_SECONDS / 4
RETRY_SECONDS = 1.0


class NetworkReporter:
    """A thread that reports again and again: what is not repeated is forgotten."""

    def __init__(self, store: JobStore, worker: str, available: Callable[[], Sequence[str]]) -> None:
        self._store = store
        self._worker = worker
        self._available = available
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._report, name="networks", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def stop(self) -> None:
        """Report no more."""
        self._stop.set()

    def _report(self) -> None:
        while not self._stop.wait(self._told()):
            pass

    def _told(self) -> float:
        """Report once; returns the pause until the next time in seconds."""
        try:
            self._store.report_networks(self._worker, self._available())
        except StoreUnavailableError as error:
            log.warning("networks not reported", reason=str(error))
            return RETRY_SECONDS
        return EVERY_SECONDS
