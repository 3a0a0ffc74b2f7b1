"""Verdicts: what is refused is refused again, whatever else went wrong deserves another attempt."""

import pytest

from shared.errors import ArtifactStoreError, ConfigurationError, LeaseLostError, SpecError, StoreUnavailableError
from shared.jobs.records import Failure
from shared.leases import Lease
from worker.engine.errors import NotFiniteError
from worker.excerpt import MOST_BYTES
from worker.verdict import MESSAGE_CHARACTERS, Verdict, verdict

LEASE = Lease("job_a", "dream-00", token=9, attempt=2)


def judged(error: Exception, *secrets: str) -> Verdict:
    return verdict(error, LEASE, "cpu0@here", secrets)


def failure_of(error: Exception, *secrets: str) -> Failure:
    failure = judged(error, *secrets).failure
    assert failure is not None
    return failure


def raised(error: ArithmeticError) -> ArithmeticError:
    """The error with a traceback."""

    def fall() -> None:
        raise error

    with pytest.raises(ArithmeticError) as caught:
        fall()
    return caught.value


def raised_behind(error: ArithmeticError, others: int) -> ArithmeticError:
    """The error with a traceback, and with so many others that led to it."""
    last = raised(error)
    cause = last
    for number in range(others):
        cause.__cause__ = raised(ArithmeticError(f"grain {number}"))
        cause = cause.__cause__
    return last


@pytest.mark.parametrize(
    ("error", "code", "retry"),
    [
        (OSError("unplugged"), "os", True),
        (MemoryError(), "memory", True),
        (ArtifactStoreError("disk full"), "artifact_store_unavailable", True),
        (RuntimeError("who knows"), "runtime", True),
        (SpecError("no such layer"), "invalid_spec", False),
        (NotFiniteError("step 3"), "not_finite", False),
    ],
)
def test_every_error_has_a_code_and_a_future(error: Exception, code: str, *, retry: bool) -> None:
    found = judged(error)

    assert found.failure is not None
    assert (found.failure.code, found.failure.stage, found.failure.worker) == (code, "dream-00", "cpu0@here")
    assert found.failure.message
    assert found.retry is retry


@pytest.mark.parametrize(
    "error", [LeaseLostError("followed"), StoreUnavailableError("away"), ConfigurationError("refused")]
)
def test_what_cannot_be_recorded_is_not(error: Exception) -> None:
    assert judged(error).failure is None


def test_a_failure_tells_the_attempt_and_where_it_was_raised() -> None:
    failure = failure_of(raised(ArithmeticError("dust")))

    assert (failure.attempt, failure.traceback_attempt) == (2, 2)
    assert "in fall" in (failure.traceback or "")
    assert (failure.traceback or "").endswith("ArithmeticError: dust\n")


def test_of_a_long_traceback_the_last_error_and_its_innermost_calls_are_kept() -> None:
    failure = failure_of(raised_behind(ArithmeticError("dust"), others=50))

    assert failure.traceback is not None
    assert len(failure.traceback.encode()) <= MOST_BYTES
    assert failure.traceback.startswith("…\n")
    assert failure.traceback.endswith("ArithmeticError: dust\n")


def test_a_long_message_is_cut_and_its_end_is_in_the_traceback() -> None:
    failure = failure_of(ValueError("shapes " + "x" * 5000 + " do not match"))

    assert len(failure.message) == MESSAGE_CHARACTERS
    assert failure.message.startswith("shapes x")
    assert "do not match" in (failure.traceback or "")


def test_passwords_and_halves_of_characters_are_not_recorded() -> None:
    failure = failure_of(OSError("cannot reach redis://:hush@here/0 as \udcff with hush\x1b[31m"), "hush")

    assert failure.message == "cannot reach redis://:***@here/0 as  with ***"
    assert "hush" not in (failure.traceback or "")
