"""Waits for the job store or the artifact store to come back."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from shared.errors import ArtifactStoreError, StoreUnavailableError

log = structlog.get_logger(__name__)

T = TypeVar("T")
PAUSE_SECONDS = 0.2


def insist(ask: Callable[[], T], give_up: Callable[[], bool], patience_seconds: float) -> T:
    """Ask until the store answers.

    Args:
        ask: safe to be asked again.
        give_up: when true, one refusal is enough.
        patience_seconds: how long to go on.

    Raises:
        StoreUnavailableError: Redis did not come back in time.
        ArtifactStoreError: the artifact store did not.
    """
    deadline = time.monotonic() + patience_seconds
    waiting = False
    while True:
        try:
            return ask()
        except (StoreUnavailableError, ArtifactStoreError) as error:
            if give_up() or time.monotonic() >= deadline:
                raise
            if not waiting:
                log.warning("waiting for a store", reason=str(error))
            waiting = True
            time.sleep(PAUSE_SECONDS)
