"""The signs of life of a stage: its lease is renewed while it makes progress, with what it has logged of late."""

import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from shared.errors import ConfigurationError, StoreUnavailableError
from shared.leases import Lease, Leases
from worker.log_tail import LogTail

log = structlog.get_logger(__name__)

RENEWALS_A_LEASE = 4
RETRIES_A_LEASE = 20
LISTEN_SECONDS = 0.25
"""How often new lines of the log are looked for; what is said later than that before a sudden death is lost."""
INNERMOST_CALLS = 10
NOT_LISTENING = (StoreUnavailableError, ConfigurationError)
"""Redis is away, or will not be told by us any more; either may end."""


@dataclass(frozen=True)
class Limits:
    """How long a lease lasts, and how long a stage may stand still, in seconds."""

    lease_seconds: float
    stall_seconds: float


class Heartbeat:
    """A thread that renews a lease; it stops when the lease is lost, and abandons a stage that stands still."""

    def __init__(
        self, leases: Leases, lease: Lease, limits: Limits, abandon: Callable[[], None], log_tail: LogTail
    ) -> None:
        self._leases = leases
        self._lease = lease
        self._limits = limits
        self._abandon = abandon
        self._log_tail = log_tail
        self._working_thread = threading.get_ident()
        self._moved_at = time.monotonic()
        self._renew_at = time.monotonic() + limits.lease_seconds / RENEWALS_A_LEASE
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
        retry_seconds = self._limits.lease_seconds / RETRIES_A_LEASE
        while not self.lost and not self._stop.wait(min(LISTEN_SECONDS, retry_seconds)):
            if time.monotonic() - self._moved_at > self._limits.stall_seconds:
                self._give_up()
                return
            unsent = self._log_tail.unsent
            if unsent is not None or time.monotonic() >= self._renew_at:
                self._renew(unsent)

    def _renew(self, unsent: str | None) -> None:
        """Renew once, and leave with the store what was logged of late."""
        try:
            self.lost = not self._leases.renew(self._lease, unsent)
        except NOT_LISTENING:
            self._stop.wait(self._limits.lease_seconds / RETRIES_A_LEASE)
            return
        if unsent is not None:
            self._log_tail.sent(unsent)
        self._renew_at = time.monotonic() + self._limits.lease_seconds / RENEWALS_A_LEASE

    def _give_up(self) -> None:
        log.error("no progress; the stage is given up", stall_seconds=self._limits.stall_seconds, stack=self._where())
        with suppress(*NOT_LISTENING):
            self._leases.renew(self._lease, self._log_tail.text)
        self._abandon()

    def _where(self) -> str:
        """Where the stage stands still."""
        frame = sys._current_frames().get(self._working_thread)  # noqa: SLF001 - documented, there is no other name
        return "".join(traceback.format_stack(frame, INNERMOST_CALLS))
