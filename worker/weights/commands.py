"""The commands `dreamqueue-worker weights fetch|verify|list`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from shared.errors import DreamqueueError, UnknownNetworkError
from shared.settings import Settings, WeightsSettings
from worker.weights import library
from worker.weights.bars import shown_on
from worker.weights.fetch import fetch
from worker.weights.manifest import AUTO, MANIFEST, weights_named
from worker.weights.sources import label_sources

app = typer.Typer(name="weights", help="Fetch, verify and list pretrained networks.", no_args_is_help=True)

_FAILED = 1
_BAD_USAGE = 2

Folder = Annotated[Path | None, typer.Option("--dir", help="A folder that already holds weights.")]


@app.command("fetch")
def fetch_command(
    names: Annotated[list[str], typer.Argument(help=f"Networks, or {AUTO}: the first that can be had.")],
    folder: Folder = None,
) -> None:
    """Bring the weights of networks; print where each lies."""
    with _failures_in_one_line():
        for name in names:
            _known_or_auto(name)
        with shown_on(_stderr()) as show:
            paths = [fetch(name, _settings(folder), show) for name in names]
    for path in paths:
        typer.echo(path)


@app.command("verify")
def verify_command(
    names: Annotated[list[str] | None, typer.Argument(help="Networks; by default all at hand.")] = None,
    folder: Folder = None,
) -> None:
    """Check the files at hand against the published checksums."""
    settings = _settings(folder)
    with _failures_in_one_line():
        for name in names or library.available(settings) or (library.resolve(AUTO, settings),):
            for path in library.verify(name, settings):
                typer.echo(f"{name}: {path} is as published")


@app.command("list")
def list_command(folder: Folder = None) -> None:
    """Show every network: at hand or not, where, its sources and its licence."""
    console = Console()
    console.print(_table(_settings(folder)))
    for weights in MANIFEST.values():
        console.print(f"{weights.name}: {weights.attribution}", markup=False, highlight=False)


def _table(settings: WeightsSettings) -> Table:
    table = Table("network", "at hand", "where", "sources", "licence")
    table.columns[2].overflow = "fold"
    for weights in MANIFEST.values():
        path = library.find(weights.name, settings)
        answer = "yes" if path else "no"
        table.add_row(weights.name, answer, str(path or ""), label_sources(weights), weights.licence)
    return table


def _known_or_auto(name: str) -> None:
    if name != AUTO:
        weights_named(name)


def _settings(folder: Path | None) -> WeightsSettings:
    settings = Settings().weights
    return settings.model_copy(update={"dir": folder}) if folder else settings


def _stderr() -> Console:
    return Console(stderr=True)


@contextmanager
def _failures_in_one_line() -> Iterator[None]:
    """End the program with a red line instead of a traceback."""
    try:
        yield
    except DreamqueueError as error:
        _stderr().print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(_BAD_USAGE if isinstance(error, UnknownNetworkError) else _FAILED) from error
