"""The command `dreamqueue-worker`, for machines that have the engine."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from shared.errors import DreamqueueError, SpecError, UnknownPresetError
from shared.jobs.server import await_servers
from shared.presets.catalogue import spec_or_preset
from shared.settings import Settings, settings_in_force
from shared.telemetry import configure_logging
from worker.arguments import worker_arguments
from worker.bars import shown_on
from worker.bench.table import as_json, figures_shown_on, timings_as_json, timings_shown_on
from worker.engine.errors import EngineError
from worker.intake import local_job
from worker.late import load_handlers, load_quality_figures, load_speed_figures, load_timings
from worker.local import run_job
from worker.weights.bars import shown_on as fetch_shown_on
from worker.weights.commands import app as weights_app
from worker.weights.fetch import fetch_missing

app = typer.Typer(name="dreamqueue-worker", help="Carry out dreamqueue's stages on this machine.", no_args_is_help=True)
app.add_typer(weights_app, name="weights")

_FAILED = 1
_BAD_SPEC = 2


@app.command()
def start(
    name: Annotated[str, typer.Option(help="This worker's name; one a GPU.")] = "cpu0",
) -> None:
    """Start a worker that takes stages from the queue until it is stopped; SIGTERM puts its stage away first."""
    configure_logging()
    with _failures_in_one_line():
        settings = settings_in_force()
        await_servers(settings.redis)
        _bring_weights(settings)
    arguments = [sys.executable, "-m", "celery", *worker_arguments(name)]
    # The worker takes this process' place, and so hears its signals itself.
    os.execv(sys.executable, arguments)  # noqa: S606


@app.command()
def run(
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the pictures go.", file_okay=False)],
    spec: Annotated[Path | None, typer.Argument(help="YAML, JSON or TOML; - reads standard input.")] = None,
    preset: Annotated[str | None, typer.Option(help="Instead of a spec: one that `dreamqueue presets` lists.")] = None,
    overrides: Annotated[list[str] | None, typer.Option("--set", help="Such as dream.iterations=20.")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Also write every frame as float32 .npy.")] = False,
) -> None:
    """Carry out a whole job here: no queue, no Redis. A second run into the same folder goes on with the first."""
    with _failures_in_one_line():
        path = spec_or_preset(spec, preset)
        settings = settings_in_force()
        _bring_weights(settings)
        job = local_job(path, overrides or (), out, settings, exact=exact)
        handlers = load_handlers(settings)
        with shown_on(Console(stderr=True), job.plan) as report:
            manifest = run_job(job, handlers, report)
    typer.echo(manifest)


@app.command()
def bench(
    quality: Annotated[bool, typer.Option("--quality", help="How good the pictures are, not how fast.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="How fast over whole chains and full-size runs: far longer.")
    ] = False,
    precision: Annotated[
        Literal["float32", "mixed"] | None,
        typer.Option(help="Of --quality's pictures; by default as the settings say."),
    ] = None,
    sizes: Annotated[
        list[int] | None,
        typer.Option("--size", min=64, help="Instead of figures, what steps take at this side in pixels; repeatable."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Measure the engine on this machine: every figure beside its target, exit code 1 where one is missed."""
    with _failures_in_one_line():
        settings = settings_in_force()
        if sizes:
            _tell_timings(settings, sizes, json=json)
            return
        figures = (
            load_quality_figures(_in_precision(settings, precision))
            if quality
            else load_speed_figures(settings, full=full)
        )
        measured = tuple(figures) if json else figures_shown_on(Console(), figures)
    if json:
        typer.echo(as_json(measured))
    if not all(figure.holds for figure in measured):
        raise typer.Exit(_FAILED)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(version_of("dreamqueue"))


def _in_precision(settings: Settings, precision: Literal["float32", "mixed"] | None) -> Settings:
    if precision is None:
        return settings
    return settings.model_copy(update={"worker": settings.worker.model_copy(update={"precision": precision})})


def _tell_timings(settings: Settings, sizes: Sequence[int], *, json: bool) -> None:
    timings = load_timings(settings, sizes)
    if json:
        typer.echo(timings_as_json(timings))
    else:
        timings_shown_on(Console(), timings)


def _bring_weights(settings: Settings) -> None:
    """Fetch what is missing, under a bar; a machine that has its networks asks nobody."""
    with fetch_shown_on(Console(stderr=True)) as show:
        fetch_missing(settings.weights, show)


@contextmanager
def _failures_in_one_line() -> Iterator[None]:
    """Our own errors, and those of files, as one red line and an exit code, never a traceback."""
    try:
        yield
    except (DreamqueueError, EngineError, OSError) as error:
        Console(stderr=True).print(str(error), style="bold red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(_BAD_SPEC if isinstance(error, SpecError | UnknownPresetError) else _FAILED) from None
