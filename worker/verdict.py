"""Decides what an exception means for the stage that raised it."""

import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import ConfigurationError, DreamqueueError, LeaseLostError, PermanentError, StoreUnavailableError
from shared.jobs.records import Failure
from shared.leases import Lease
from worker.engine.errors import EngineError
from worker.excerpt import beginning, ending, legible

MESSAGE_CHARACTERS = 1000
"""Lists of jobs show the message; the whole of a longer one ends the traceback."""


@dataclass(frozen=True)
class Verdict:
    """What to record.

    Attributes:
        failure: None when nothing can or may be recorded: the stage is no longer ours, or Redis does not listen to us.
        retry: whether another attempt may succeed.
    """

    failure: Failure | None
    retry: bool


def verdict(error: Exception, lease: Lease, worker: str, secrets: Sequence[str]) -> Verdict:
    """What is refused is refused again; whatever else went wrong deserves another attempt."""
    if isinstance(error, LeaseLostError | StoreUnavailableError | ConfigurationError):
        return Verdict(failure=None, retry=True)
    failure = Failure(
        code=_code(error),
        message=beginning(legible(str(error), secrets), MESSAGE_CHARACTERS) or type(error).__name__,
        stage=lease.stage_id,
        worker=worker,
        attempt=lease.attempt,
        # Its innermost calls stand at the end.
        traceback=ending(legible("".join(traceback.format_exception(error)), secrets)),
        traceback_attempt=lease.attempt,
    )
    return Verdict(failure, retry=not isinstance(error, PermanentError | EngineError))


def _code(error: Exception) -> str:
    """Our own errors bear a code; others are named by their class, `NotFiniteError` as `not_finite`."""
    if isinstance(error, DreamqueueError):
        return error.code
    name = type(error).__name__.removesuffix("Error") or "error"
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
