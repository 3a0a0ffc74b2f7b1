"""Commands about jobs: watch, show, ls, cancel, pause, resume, retry, rm."""

from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.answers import JobAnswer, JobSummary, StageAnswer
from api.board import Board, board_of
from api.client import Client
from api.commands.console import err, out, say_error
from api.commands.failures import AFTER_JOB
from api.commands.options import DEFAULT_URL, AsJson, JobId, Url
from api.dead_letter import dead_letter
from api.display import STATUS_STYLES, JobDisplay, rendered
from api.durations import spoken
from shared.jobs.status import JobStatus

Status = Annotated[JobStatus | None, typer.Option("--status", help="Only jobs that stand so.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=200, help="How many, newest first.")]


class JobWithStages(JobAnswer):
    """One job with all its stages."""

    stages: list[StageAnswer]


def watch(job_id: JobId, url: Url = DEFAULT_URL) -> None:
    """Show a job live until it ends; the exit status tells how."""
    with Client(url) as client:
        board = followed(client, client.job(job_id), out())
    told_end(board)


def show(job_id: JobId, as_json: AsJson = False, url: Url = DEFAULT_URL) -> None:
    """Show how a job stands now, with its stages and why any of them failed."""
    with Client(url) as client:
        job, stages = client.job(job_id), client.stages(job_id).stages
    if as_json:
        typer.echo(JobWithStages(**dict(job), stages=stages).model_dump_json(indent=2))
        return
    console = out()
    console.print(rendered(board_of(job, stages), job.updated_at, console.width))
    console.print(_stage_table(stages))
    for stage in stages:
        if stage.failure is not None:
            console.print(dead_letter(stage, stage.failure), soft_wrap=True)
    if job.status is JobStatus.FAILED:
        console.print(f"`dreamqueue retry {job.id}` takes it up again where it failed")
    if job.eta_seconds is not None:
        console.print(f"about {spoken(job.eta_seconds)} left")
    if job.pictures_gone_at is not None:
        console.print("its pictures are no longer kept; submit its spec again to have them made again")


def list_jobs(status: Status = None, limit: Limit = 20, as_json: AsJson = False, url: Url = DEFAULT_URL) -> None:
    """List jobs, newest first."""
    with Client(url) as client:
        page = client.jobs(status=status, limit=limit)
    if as_json:
        typer.echo(page.model_dump_json(indent=2))
        return
    console = out()
    if console.is_terminal:
        console.print(_job_table(page.jobs))
        return
    for job in page.jobs:
        typer.echo(f"{job.id}\t{job.status.value}\t{job.progress:.0%}\t{job.owner}\t{job.name}")


def cancel(job_id: JobId, url: Url = DEFAULT_URL) -> None:
    """Stop a job; harmless when it is stopped already."""
    with Client(url) as client:
        _say_status(client.cancel(job_id))


def pause(job_id: JobId, url: Url = DEFAULT_URL) -> None:
    """Let a job rest; what it has done so far is kept."""
    with Client(url) as client:
        _say_status(client.pause(job_id))


def resume(job_id: JobId, url: Url = DEFAULT_URL) -> None:
    """Let a paused job go on."""
    with Client(url) as client:
        _say_status(client.resume(job_id))


def retry(job_id: JobId, url: Url = DEFAULT_URL) -> None:
    """Take up a failed job at the stage that failed."""
    with Client(url) as client:
        _say_status(client.retry(job_id))


def remove(job_id: JobId, url: Url = DEFAULT_URL) -> None:
    """Remove a job that has ended, with the pictures that no other job has too."""
    with Client(url) as client:
        client.remove(job_id)
    err().print(f"{job_id} is removed")


def _say_status(job: JobAnswer) -> None:
    err().print(f"{job.id} is {job.status.value}")


def followed(client: Client, job: JobAnswer, console: Console) -> Board:
    """Show a job on a console until it ends."""
    stages = client.stages(job.id).stages
    try:
        return JobDisplay(console).follow(job, stages, client.events(job.id))
    except KeyboardInterrupt:
        err().print(f"the job goes on; see it again with `dreamqueue watch {job.id}`", soft_wrap=True)
        raise


def told_end(board: Board) -> None:
    """End the command as the job ended."""
    if board.failure is not None:
        say_error(f"{board.job_id} failed: {board.failure.message}; `dreamqueue show {board.job_id}` tells more")
    code = AFTER_JOB[board.status]
    if code:
        raise typer.Exit(code)


def _job_table(jobs: list[JobSummary]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("job", "owner", "name", "status"):
        table.add_column(name)
    for name in ("done", "stages", "created"):
        table.add_column(name, justify="right")
    for job in jobs:
        # A moment, no age: that would be wrong wherever the time is another than on the server.
        created = f"{job.created_at.astimezone():%d %b %H:%M}"
        status = Text(job.status.value, STATUS_STYLES[job.status])
        table.add_row(
            job.id, job.owner, job.name, status, f"{job.progress:.0%}", f"{job.stages_done}/{job.stages_total}", created
        )
    return table


def _stage_table(stages: list[StageAnswer]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("stage", "layer", "status", "worker"):
        table.add_column(name)
    for name in ("attempts", "time", "done"):
        table.add_column(name, justify="right")
    for stage in stages:
        time = "" if stage.seconds is None else spoken(stage.seconds)
        table.add_row(
            stage.id,
            stage.label,
            stage.status.value,
            stage.worker or "",
            str(stage.attempts),
            time,
            f"{stage.progress:.0%}",
        )
    return table
