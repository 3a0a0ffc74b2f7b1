"""Commands that take a spec: submit, validate, plan."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from api.answers import PlanAnswer
from api.client import Client
from api.client_errors import ApiError
from api.commands.console import err, out
from api.commands.job import followed, told_end
from api.commands.options import DEFAULT_URL, AsJson, Overrides, Owner, PresetName, SpecPath, Url
from shared.errors import BadImageError, PermanentError, TooLargeError
from shared.presets.catalogue import spec_or_preset
from shared.spec.file import read_spec, replace_images

REFUSED_PICTURES: Mapping[str, type[PermanentError]] = {kind.code: kind for kind in (BadImageError, TooLargeError)}

Wait = Annotated[bool, typer.Option("--wait", help="Show the job until it ends; the exit status tells how.")]


def submit(
    owner: Owner,
    spec: SpecPath = None,
    preset: PresetName = None,
    overrides: Overrides = None,
    wait: Wait = False,
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Hand in a job and print its id; pictures that the spec names by path are uploaded."""
    path = spec_or_preset(spec, preset)
    with Client(url) as client:
        job = client.submit(uploaded(client, path, overrides), owner=owner)
        if not as_json:
            typer.echo(job.id)
        board = followed(client, job, err()) if wait else None
        if as_json:
            typer.echo((client.job(job.id) if wait else job).model_dump_json(indent=2))
        if board is not None:
            told_end(board)


def validate(
    spec: SpecPath = None, preset: PresetName = None, overrides: Overrides = None, url: Url = DEFAULT_URL
) -> None:
    """Check a spec; silent and 0 when a job could be made of it."""
    path = spec_or_preset(spec, preset)
    with Client(url) as client:
        client.plan(uploaded(client, path, overrides))


def plan(
    spec: SpecPath = None,
    preset: PresetName = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Show what a job would do, without doing it."""
    path = spec_or_preset(spec, preset)
    with Client(url) as client:
        answer = client.plan(uploaded(client, path, overrides))
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
        return
    height, width = answer.size
    console = out()
    console.print(_plan_table(answer))
    console.print(f"frames of {width} x {height} pixels, network {answer.network or 'none'}, seed {answer.seed}")
    console.print(f"{answer.work:,.1f} megapixel-steps of at most {answer.max_work:,.0f}")
    most = f" of at most {answer.max_memory_gib:.1f}" if answer.max_memory_gib else ""
    console.print(f"{answer.memory_gib:.1f} GiB of a worker's memory{most}")


def uploaded(client: Client, spec: Path, overrides: list[str] | None) -> dict[str, Any]:
    """The data of a spec, its pictures uploaded."""
    return replace_images(read_spec(spec, overrides or ()), lambda path: _upload(client, path))


def _upload(client: Client, path: Path) -> str:
    """The id of a picture; a refusal is one of our own errors again, so that the picture and its place are told."""
    try:
        return client.upload(path).id
    except ApiError as error:
        refused = REFUSED_PICTURES.get(error.code)
        if refused is None:
            raise
        raise refused(error.detail) from error


def _plan_table(answer: PlanAnswer) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("stage", "layer", "needs"):
        table.add_column(name)
    for name in ("megapixel-steps", "GiB"):
        table.add_column(name, justify="right")
    for stage in answer.stages:
        needs = ", ".join(stage.needs) if len(stage.needs) < 4 else f"{stage.needs[0]} .. {stage.needs[-1]}"
        table.add_row(stage.id, stage.label, needs, f"{stage.work:,.1f}", f"{stage.memory_gib:.1f}")
    return table
