"""watch, show, ls, cancel, pause, resume, retry, rm."""

import json
from typing import Any

import pytest

from api.client import Client
from tests.api.commands.conftest import Run
from tests.api.painter import Painter


def test_watch_tells_everything_and_ends_with_the_job(
    run: Run, client: Client, painter: Painter, spec: dict[str, Any]
) -> None:
    job = client.submit(spec)
    painter.paint(job.id)

    result = run("watch", job.id)

    assert result.exit_code == 0
    assert "dream conv5_1 succeeded" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("100%  job succeeded")


def test_show_tells_stages_and_progress(run: Run, client: Client, painter: Painter, spec: dict[str, Any]) -> None:
    job = client.submit(spec, owner="ada")
    painter.unit(painter.begin(job.id), 0.5, "conv4_2 | octave 1/2")

    result = run("show", job.id)

    assert "of ada" in result.stdout
    assert "painter@easel" in result.stdout
    assert "50%" in result.stdout
    assert "left" in result.stdout
    assert json.loads(run("show", job.id, "--json").stdout)["id"] == job.id


def test_show_tells_why_a_stage_failed_with_all_that_its_worker_left(
    run: Run, client: Client, painter: Painter, spec: dict[str, Any]
) -> None:
    job = client.submit(spec)
    painter.fail(painter.begin(job.id), "not [red]finite[/red]")

    result = run("show", job.id)

    assert result.exit_code == 0
    for text in (
        "✗ dream-00 conv4_2  not [red]finite[/red]",
        "failed · not_finite · painter@easel · attempt 1 · ",
        "traceback of attempt 1",
        "  [bold]",
        "NotFiniteError: not [red]finite[/red]",
        "last lines of the log of attempt 1",
        "stage begins [/nothing] attempt=1",
        f"dreamqueue retry {job.id}",
    ):
        assert text in result.stdout


def test_show_as_json_tells_it_too(run: Run, client: Client, painter: Painter, spec: dict[str, Any]) -> None:
    job = client.submit(spec)
    painter.fail(painter.begin(job.id), "not finite")

    shown = json.loads(run("show", job.id, "--json").stdout)

    assert shown["failure"]["stage"] == "dream-00"
    assert "NotFiniteError" in shown["stages"][0]["failure"]["traceback"]
    assert "stage begins" in shown["stages"][0]["failure"]["log_tail"]


def test_ls_lists_jobs_one_a_line(run: Run, client: Client, spec: dict[str, Any]) -> None:
    first, second = client.submit(spec), client.submit({**spec, "name": "more dreams"}, owner="ada")
    client.cancel(first.id)

    assert run("ls").stdout.splitlines() == [
        f"{second.id}\tqueued\t0%\tada\tmore dreams",
        f"{first.id}\tcanceled\t0%\tanonymous\tcat dreams",
    ]
    assert run("ls", "--status", "canceled").stdout.splitlines() == [f"{first.id}\tcanceled\t0%\tanonymous\tcat dreams"]
    assert len(json.loads(run("ls", "--json").stdout)["jobs"]) == 2


def test_cancel_may_be_repeated(run: Run, client: Client, spec: dict[str, Any]) -> None:
    job = client.submit(spec)

    results = [run("cancel", job.id) for _ in range(2)]

    assert [result.exit_code for result in results] == [0, 0]
    assert client.job(job.id).status == "canceled"


def test_a_job_that_is_done_cannot_be_canceled(
    run: Run, client: Client, painter: Painter, spec: dict[str, Any]
) -> None:
    job = client.submit(spec)
    painter.paint(job.id)

    result = run("cancel", job.id)

    assert result.exit_code == 2
    assert "succeeded" in result.stderr


def test_a_job_is_paused_and_goes_on(run: Run, client: Client, spec: dict[str, Any]) -> None:
    job = client.submit(spec)

    paused, resumed = run("pause", job.id), run("resume", job.id)

    assert paused.stderr.strip() == f"{job.id} is paused"
    assert resumed.stderr.strip() == f"{job.id} is queued"


def test_a_failed_job_is_retried(run: Run, client: Client, painter: Painter, spec: dict[str, Any]) -> None:
    job = client.submit(spec)
    painter.fail(painter.begin(job.id), "not finite")

    result = run("retry", job.id)

    assert result.exit_code == 0
    assert client.job(job.id).failure is None


def test_a_job_that_ended_is_removed(run: Run, client: Client, painter: Painter, spec: dict[str, Any]) -> None:
    job = client.submit(spec)

    refused = run("rm", job.id)
    painter.paint(job.id)
    removed = run("rm", job.id)

    assert (refused.exit_code, "cancel it first" in refused.stderr) == (2, True)
    assert (removed.exit_code, removed.stderr) == (0, f"{job.id} is removed\n")
    assert client.jobs().jobs == []


@pytest.mark.parametrize("command", ["watch", "show", "cancel", "get", "rm"])
def test_an_unknown_job_is_exit_status_three(run: Run, command: str) -> None:
    result = run(command, "job_nobody")

    assert result.exit_code == 3
    assert result.stderr == "error: no job 'job_nobody'\n"


def test_an_unknown_status_is_bad_usage(run: Run) -> None:
    result = run("ls", "--status", "done")

    assert result.exit_code == 2
    assert "succeeded" in result.stderr
