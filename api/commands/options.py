"""Arguments and options that several commands share."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from shared.jobs.owner import ANONYMOUS

DEFAULT_URL = "http://127.0.0.1:8000"

Url = Annotated[str, typer.Option("--url", envvar="DREAMQUEUE_URL", help="Where the service is.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the API answers it.")]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id, as `submit` prints it.")]
SpecPath = Annotated[
    Path | None, typer.Argument(metavar="SPEC", help="A spec in YAML, JSON or TOML; `-` reads YAML or JSON from stdin.")
]
PresetName = Annotated[
    str | None,
    typer.Option("--preset", metavar="NAME", help="Instead of a spec: one of those that `presets` lists."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Set one field, such as dream.iterations=20. May be repeated."),
]


def login_name() -> str:
    """Who runs the command; a user that the system has no name for is nobody."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ANONYMOUS


Owner = Annotated[
    str,
    typer.Option(
        "--owner",
        envvar="DREAMQUEUE_OWNER",
        default_factory=login_name,
        show_default="your login name",
        help="Whom the job belongs to; owners take turns.",
    ),
]
