"""Commands about the installation itself: config, version."""

import json
from importlib.metadata import version as installed_version
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import typer
import yaml
from pydantic import ValidationError

from api.commands.options import AsJson
from shared.errors import ConfigurationError
from shared.settings import Settings


def config(as_json: AsJson = False) -> None:
    """Print the settings in force, with passwords hidden."""
    data = hidden(settings_in_force().model_dump(mode="json"))
    typer.echo(json.dumps(data, indent=2) if as_json else yaml.safe_dump(data, sort_keys=False).rstrip())


def version() -> None:
    """Print the version."""
    typer.echo(f"dreamqueue {installed_version('dreamqueue')}")


def settings_in_force() -> Settings:
    """The settings that the environment gives.

    Raises:
        ConfigurationError: a value cannot be taken.
    """
    try:
        return Settings()
    except ValidationError as error:
        told = "; ".join(
            f"DREAMQUEUE_{'__'.join(map(str, detail['loc'])).upper()}: {detail['msg']}" for detail in error.errors()
        )
        raise ConfigurationError(told) from None


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
