"""The time as the server's events tell it: what is left of a job is told right whatever the time is here."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class ServerClock:
    """Goes on between two events as monotonic seconds do."""

    def __init__(self, at: datetime, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._zero = self._zero_of(at)

    def heard(self, at: datetime) -> None:
        """Something happened on the server at `at`; events of the past, told again, turn nothing back."""
        self._zero = max(self._zero, self._zero_of(at))

    def now(self) -> datetime:
        """The time on the server, at least."""
        return self._zero + timedelta(seconds=self._clock())

    def _zero_of(self, at: datetime) -> datetime:
        """What the server's clock showed when the monotonic one here stood at zero, if it shows `at` now."""
        return at - timedelta(seconds=self._clock())
