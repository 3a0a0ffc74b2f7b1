"""Fixtures for tests of the command line: a runner whose commands reach the service, and a spec on disk."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.api.conftest import Service

Run = Callable[..., Result]


@pytest.fixture
def run(service: Service) -> Run:
    """Runs a command line against the service."""
    return lambda *arguments, **options: CliRunner().invoke(
        app, [str(argument) for argument in arguments], env={"DREAMQUEUE_URL": service.url}, **options
    )


@pytest.fixture
def spec_path(spec: dict[str, Any], tmp_path: Path) -> Path:
    """A small job's spec in a file."""
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec))
    return path
