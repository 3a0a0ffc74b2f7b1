"""gc, and what other commands say once it has removed something."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.client import Client
from deploy.local.valkey import prepare_valkey, running_url
from tests.api.commands.conftest import Run
from tests.api.conftest import Service
from tests.api.painter import Painter
from tests.valkey import Valkey

Gc = Callable[..., Result]


@pytest.fixture
def gc(service: Service) -> Gc:
    """Runs gc on the stores of the service, under settings that keep no pictures."""
    environment = {
        "DREAMQUEUE_DATA_DIR": str(service.settings.data_dir),
        "DREAMQUEUE_REDIS__URL": service.settings.redis.url,
        "DREAMQUEUE_RETENTION__ARTIFACTS_SECONDS": "0",
        "DREAMQUEUE_RETENTION__RECORDS_SECONDS": "30d",
    }
    return lambda *arguments, **changes: CliRunner().invoke(app, ["gc", *arguments], env=environment | changes)


@pytest.fixture
def done(client: Client, painter: Painter, spec: dict[str, Any]) -> str:
    """A job that is done."""
    job = client.submit(spec)
    painter.paint(job.id)
    return job.id


def test_a_dry_run_tells_what_would_go_and_gc_then_removes_it(gc: Gc, done: str, service: Service) -> None:
    told = gc("--dry-run")
    before = list(service.artifacts.keys("stages"))
    removed = gc()
    again = gc()

    assert "artifacts" in told.stdout
    assert "its jobs ended long enough ago" in told.stdout
    assert "would go" in told.stderr
    assert len(before) == 2 * 3 + 2
    assert removed.stdout == told.stdout
    assert list(service.artifacts.keys("stages")) == []
    assert (again.stdout, again.stderr, again.exit_code) == ("", "nothing to remove\n", 0)
    assert service.store.get(done).pictures_gone_at is not None


def test_as_json_the_counts_and_bytes_of_every_class_are_told(gc: Gc, done: str, service: Service) -> None:
    size = sum(file.bytes for file in service.artifacts.files("stages"))

    (line,) = json.loads(gc("--dry-run", "--json").stdout)["lines"]

    assert (line["kind"], line["count"], line["bytes"]) == ("artifacts", 8, size)
    assert done in {job.id for job in service.store.page()[0]}


def test_a_budget_that_cannot_be_kept_is_told(
    gc: Gc, client: Client, painter: Painter, spec: dict[str, Any], service: Service
) -> None:
    job = client.submit(spec)
    painter.finish(painter.begin(job.id))
    budget = {"DREAMQUEUE_RETENTION__MAX_BYTES": "100"}

    result = gc(**budget)

    kept = sum(file.bytes for file in service.artifacts.files(""))
    assert json.loads(gc("--json", **budget).stdout)["excess_bytes"] == kept - 100
    assert "are needed by jobs that run" in result.stderr


def test_pictures_that_are_gone_are_told_by_get_and_show(run: Run, gc: Gc, done: str, tmp_path: Path) -> None:
    gc()

    fetched, shown = run("get", done, "-o", tmp_path), run("show", done)

    assert (fetched.exit_code, "submit it again" in fetched.stderr) == (3, True)
    assert "its pictures are no longer kept" in shown.stdout


def test_the_server_of_up_is_found_by_its_data_directory(tmp_path: Path) -> None:
    prepared = prepare_valkey(tmp_path, 7777)

    assert running_url(tmp_path) == prepared.url
    assert running_url(tmp_path / "elsewhere") is None


def test_gc_reaches_the_server_of_up_without_being_told_its_password(tmp_path: Path) -> None:
    server = Valkey(tmp_path)
    server.start()

    result = CliRunner().invoke(app, ["gc", "--data-dir", str(tmp_path)])
    server.stop()

    assert (result.exit_code, result.stderr) == (0, "nothing to remove\n")


def test_gc_without_a_redis_says_so(gc: Gc) -> None:
    result = gc(DREAMQUEUE_REDIS__URL="redis://127.0.0.1:1/0")

    assert result.exit_code == 1
    assert "is it up" in result.stderr


def test_records_that_would_go_before_their_pictures_are_refused(gc: Gc) -> None:
    result = gc(DREAMQUEUE_RETENTION__RECORDS_SECONDS="0s", DREAMQUEUE_RETENTION__ARTIFACTS_SECONDS="1h")

    assert result.exit_code == 2
    assert "records_seconds (0.0) must be at least artifacts_seconds (3600.0)" in result.stderr
