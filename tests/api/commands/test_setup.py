"""config, version."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from api.cli import app
from api.commands.setup import hidden


def test_config_prints_the_settings_in_force_without_passwords() -> None:
    environment = {"DREAMQUEUE_REDIS__URL": "rediss://me:secret@redis:6380/3", "DREAMQUEUE_API__PORT": "9000"}

    as_yaml = CliRunner().invoke(app, ["config"], env=environment).stdout
    as_json = CliRunner().invoke(app, ["config", "--json"], env=environment).stdout

    assert yaml.safe_load(as_yaml) == json.loads(as_json)
    assert json.loads(as_json)["api"]["port"] == 9000
    assert json.loads(as_json)["redis"]["url"] == "rediss://me:***@redis:6380/3"
    assert "secret" not in as_yaml


def test_a_setting_that_cannot_be_taken_is_named() -> None:
    result = CliRunner().invoke(app, ["config"], env={"DREAMQUEUE_API__PORT": "many"})

    assert result.exit_code == 2
    assert "DREAMQUEUE_API__PORT" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("redis://:pa@ss@host/0", "redis://:***@host/0"),
        ("redis://host/0", "redis://host/0"),
        ({"a": {"b": "s3://key:secret@bucket"}}, {"a": {"b": "s3://key:***@bucket"}}),
        (3, 3),
    ],
)
def test_passwords_in_addresses_are_hidden(value: object, expected: object) -> None:
    assert hidden(value) == expected


def test_version_is_told() -> None:
    assert CliRunner().invoke(app, ["version"]).stdout.startswith("dreamqueue 0.")
