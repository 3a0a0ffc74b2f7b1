"""A heartbeat that Redis does not hear goes on: whether the lease is lost is for Redis to say."""

import time
from typing import Any

import pytest

from shared.errors import ConfigurationError, StoreUnavailableError
from shared.leases import Lease
from worker.heartbeat import Heartbeat, Limits
from worker.log_tail import LogTail


class DeafLeases:
    """Leases of a Redis that does not listen."""

    def __init__(self, error: Exception) -> None:
        self.asked = 0
        self._error = error

    def renew(self, _lease: Lease, _log_tail: str | None) -> bool:
        """Be asked in vain."""
        self.asked += 1
        raise self._error


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), ConfigurationError("refused")])
def test_a_renewal_that_is_not_heard_is_asked_for_again(error: Exception) -> None:
    leases: Any = DeafLeases(error)
    heartbeat = Heartbeat(leases, Lease("job", "dream-00", 1, 1), Limits(0.2, 60), lambda: None, LogTail(()))

    with heartbeat:
        time.sleep(0.5)

    assert leases.asked > 2
    assert not heartbeat.lost
