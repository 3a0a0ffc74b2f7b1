"""Redaction: no password that the settings know, and none within an address, is ever told."""

import pytest

from shared.redaction import redacted, secrets_of
from shared.settings import RedisSettings, Settings


def test_passwords_of_both_databases_are_known_as_written_and_as_they_are() -> None:
    settings = Settings(redis=RedisSettings(url="redis://:a%40b@here/0", broker_url="redis://user:cde@there/1"))

    assert secrets_of(settings) == ("a%40b", "a@b", "cde")


def test_keys_of_a_bucket_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")

    assert secrets_of(Settings(redis=RedisSettings(url="redis://here/0"))) == ("hush",)


def test_secrets_are_hidden_wherever_they_stand() -> None:
    assert redacted("hush, said hush", ("hush",)) == "***, said ***"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rediss://:pw@here:1/0?x=1", "rediss://:***@here:1/0?x=1"),
        ("see https://me:pw@there/ and s3://bucket/a@b", "see https://me:***@there/ and s3://bucket/a@b"),
        ("http://here:8000/docs", "http://here:8000/docs"),
        ("at 12:30 to me@there", "at 12:30 to me@there"),
    ],
)
def test_a_password_in_an_address_is_hidden_though_nobody_told_it(text: str, told: str) -> None:
    assert redacted(text, ()) == told
