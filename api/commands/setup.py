"""Commands about the installation itself: config, version."""

import json
from importlib.metadata import version as installed_version
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import typer
import yaml

from api.commands.options import AsJson
from shared.settings import settings_in_force


def config(as_json: AsJson = False) -> None:
    """Print the settings in force, with passwords hidden."""
    data = hidden(settings_in_force().model_dump(mode="json"))
    typer.echo(json.dumps(data, indent=2) if as_json else yaml.safe_dump(data, sort_keys=False).rstrip())


def version() -> None:
    """Print the version."""
    typer.echo(f"dreamqueue {installed_version('dreamqueue')}")


def hidden(value: Any) -> Any:
    """The same settings with the password of every address replaced by stars."""
    if isinstance(value, dict):
        return {key: hidden(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, str) and "@" in value and "://" in value:
        parts = urlsplit(value)
        credentials, at, host = parts.netloc.rpartition("@")
        user = credentials.partition(":")[0]
        return urlunsplit(parts._replace(netloc=f"{user}:***{at}{host}"))
    return value
