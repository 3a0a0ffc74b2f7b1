"""Verdicts: what is refused is refused again, whatever else went wrong deserves another attempt."""

import pytest

from shared.errors import ArtifactStoreError, LeaseLostError, SpecError, StoreUnavailableError
from worker.engine.errors import NotFiniteError
from worker.verdict import verdict


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
    found = verdict(error, "dream-00", "cpu0@here")

    assert found.failure is not None
    assert (found.failure.code, found.failure.stage, found.failure.worker) == (code, "dream-00", "cpu0@here")
    assert found.failure.message
    assert found.retry is retry


@pytest.mark.parametrize("error", [LeaseLostError("followed"), StoreUnavailableError("away")])
def test_what_cannot_be_recorded_is_not(error: Exception) -> None:
    assert verdict(error, "dream-00", "cpu0@here").failure is None
