"""Settings that contradict each other, or cannot be taken, are refused in one line that names them."""

import math

import pytest

from shared.artifacts.address import open_artifacts
from shared.errors import ConfigurationError
from shared.settings import ArtifactSettings, LeaseSettings, Settings, settings_in_force


@pytest.mark.parametrize("patience_seconds", [900, 901])
def test_a_stage_may_not_wait_for_as_long_as_makes_it_a_hung_one(patience_seconds: float) -> None:
    with pytest.raises(ConfigurationError, match=r"PATIENCE_SECONDS is 90\d and DREAMQUEUE_LEASE__STALL_SECONDS 900"):
        Settings(artifacts=ArtifactSettings(patience_seconds=patience_seconds), lease=LeaseSettings(stall_seconds=900))


def test_a_patience_below_the_stall_is_taken() -> None:
    settings = Settings(artifacts=ArtifactSettings(patience_seconds=10), lease=LeaseSettings(stall_seconds=11))

    assert settings.artifacts.patience_seconds == 10


BAD_VALUES = {
    "a text for a number": ("LEASE__SECONDS", "soon", "DREAMQUEUE_LEASE__SECONDS: Input should be a valid number"),
    "not a number": ("LEASE__SECONDS", "nan", "DREAMQUEUE_LEASE__SECONDS: Input should be a finite number"),
    "no end": ("API__MAX_COST", "inf", "DREAMQUEUE_API__MAX_COST: Input should be a finite number"),
    "a time that is none": ("RETENTION__EVERY_SECONDS", "nan", "DREAMQUEUE_RETENTION__EVERY_SECONDS: Input should be"),
    "more pixels than can be decoded": ("API__MAX_IMAGE_PIXELS", "1000000000", "less than or equal to 178956970"),
    "a misspelt name": ("LEASE__SECONDES", "3", "DREAMQUEUE_LEASE__SECONDES: Extra inputs are not permitted"),
    "a misspelt group": ("LESE__SECONDS", "3", "did you mean 'DREAMQUEUE_LEASE'?"),
    "a group that is no mapping": ("REDIS", "redis://here", "set DREAMQUEUE_<GROUP>__<NAME> instead"),
    "no address": ("REDIS__URL", "", "DREAMQUEUE_REDIS__URL: Value error, should be redis://"),
    "an address of something else": ("REDIS__URL", "http://:secret@here", "DREAMQUEUE_REDIS__URL: Value error, should"),
    "a port in words": ("REDIS__URL", "redis://:secret@here:first/0", "should be redis://"),
    "a database in words": ("REDIS__URL", "redis://:secret@here/first", "should be redis://"),
    "no broker": ("REDIS__BROKER_URL", "amqp://here", "DREAMQUEUE_REDIS__BROKER_URL: Value error, should be redis://"),
}


@pytest.mark.parametrize(("name", "value", "told"), BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_a_value_that_cannot_be_taken_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"DREAMQUEUE_{name}", value)

    with pytest.raises(ConfigurationError) as caught:
        settings_in_force()

    assert told in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_time_without_end_is_one_where_things_may_be_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DREAMQUEUE_RETENTION__RECORDS_SECONDS", "never")

    assert settings_in_force().retention.records_seconds == math.inf


@pytest.mark.parametrize("url", ["ftp://here/pictures", "s3://", "s3:///prefix"])
def test_an_address_where_nothing_can_be_kept_is_refused_with_those_that_can(url: str) -> None:
    with pytest.raises(ConfigurationError, match="possible are a folder, file:///path or s3://bucket/prefix"):
        open_artifacts(url)
