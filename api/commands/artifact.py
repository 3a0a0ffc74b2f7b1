"""The command that fetches a job's files."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from api.answers import ArtifactAnswer
from api.client import Client
from api.client_errors import ApiError
from api.commands.console import err
from api.commands.options import DEFAULT_URL, JobId, Url

NOT_FOUND = 404

Folder = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="DIR", help="The folder; by default one named after the job.")
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help="Only this file, such as animation.gif. May be repeated."),
]


def get(job_id: JobId, folder: Folder = None, only: Only = None, url: Url = DEFAULT_URL) -> None:
    """Fetch a job's pictures and print their paths; a broken fetch is taken up where it stopped."""
    with Client(url) as client:
        chosen = _chosen(client.artifacts(job_id).artifacts, only, job_id)
        for path in fetched(client, chosen, folder or Path(job_id), err()):
            typer.echo(path)


def _chosen(artifacts: list[ArtifactAnswer], only: list[str] | None, job_id: str) -> list[ArtifactAnswer]:
    """The files wanted: all, or those named."""
    by_name = {artifact.name: artifact for artifact in artifacts}
    missing = [name for name in only or () if name not in by_name]
    if missing:
        detail = f"job {job_id} has no {', '.join(missing)}; it has {', '.join(by_name)}"
        raise ApiError(NOT_FOUND, "not_found", detail)
    return [by_name[name] for name in only] if only else artifacts


def fetched(client: Client, artifacts: list[ArtifactAnswer], folder: Path, console: Console) -> list[Path]:
    """Fetch files under one bar, which only a terminal shows."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    paths: list[Path] = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("fetching", total=sum(artifact.bytes for artifact in artifacts))
        for artifact in artifacts:
            progress.update(bar, description=artifact.name)
            paths.append(client.download(artifact, folder, lambda count: progress.advance(bar, count)))
    return paths
