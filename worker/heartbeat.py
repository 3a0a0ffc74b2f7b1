"""Keeps a lease alive while its stage makes progress."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from shared.errors import StoreUnavailableError
from shared.leases import Lease, Leases

log = structlog.get_logger(__name__)

RENEWALS_A_LEASE = 4
RETRIES_A_LEASE = 20


@dataclass(frozen=True)
class Limits:
    """How long a lease lasts, and how long a stage may stand still, in seconds."""

    lease_seconds: float
    stall_seconds: float


class Heartbeat:
    """A thread that renews a lease; it stops when the lease is lost, and abandons a stage that stands still."""

    def __init__(self, leases: Leases, lease: Lease, limits: Limits, abandon: Callable[[], None]) -> None:
        self._leases = leases
        self._lease = lease
        self._limits = limits
        self._abandon = abandon
        self._moved_at = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.lost = False

    def moved(self) -> None:
        """The stage has made progress."""
        self._moved_at = time.monotonic()

    def __enter__(self) -> Self:
        """Begin to renew."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Renew no more."""
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        pause_seconds = self._limits.lease_seconds / RENEWALS_A_LEASE
        while not self._stop.wait(pause_seconds):
            if time.monotonic() - self._moved_at > self._limits.stall_seconds:
                log.error("no progress; the stage is given up", stall_seconds=self._limits.stall_seconds)
                self._abandon()
                return
            pause_seconds = self._renewed()
            if self.lost:
                return

    def _renewed(self) -> float:
        """Renew once; returns the pause until the next time, shorter while Redis is away."""
        try:
            self.lost = not self._leases.renew(self._lease)
        except StoreUnavailableError:
            return self._limits.lease_seconds / RETRIES_A_LEASE
        return self._limits.lease_seconds / RENEWALS_A_LEASE
