"""Settings that contradict each other, or cannot be taken, are refused in one line that names them."""

import pytest

from shared.errors import ConfigurationError
from shared.settings import ArtifactSettings, LeaseSettings, Settings, settings_in_force


@pytest.mark.parametrize("patience_seconds", [900, 901])
def test_a_stage_may_not_wait_for_as_long_as_makes_it_a_hung_one(patience_seconds: float) -> None:
    with pytest.raises(ConfigurationError, match=r"PATIENCE_SECONDS is 90\d and DREAMQUEUE_LEASE__STALL_SECONDS 900"):
        Settings(artifacts=ArtifactSettings(patience_seconds=patience_seconds), lease=LeaseSettings(stall_seconds=900))


def test_a_patience_below_the_stall_is_taken() -> None:
    settings = Settings(artifacts=ArtifactSettings(patience_seconds=10), lease=LeaseSettings(stall_seconds=11))

    assert settings.artifacts.patience_seconds == 10


def test_a_value_that_cannot_be_taken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DREAMQUEUE_LEASE__SECONDS", "soon")

    with pytest.raises(ConfigurationError, match="DREAMQUEUE_LEASE__SECONDS: Input should be a valid number"):
        settings_in_force()
