"""`dreamqueue gc`: removes at once what is no longer kept, or shows what would go."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from api.commands.console import err, out
from api.commands.options import AsJson
from deploy.local.service import reachable_settings
from shared.retention.report import Report, report_of
from shared.retention.sweep import open_sweeper
from shared.settings import settings_in_force

MEGABYTE = 1_000_000

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")]
DataDir = Annotated[
    Path | None, typer.Option(help="Where `dreamqueue up` keeps everything, where it is not the default.")
]


def gc(dry_run: DryRun = False, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Remove what is no longer kept, on the machine that keeps it; the reconciler does the same every so often."""
    settings = settings_in_force()
    if data_dir is not None:
        settings = settings.model_copy(update={"data_dir": data_dir.expanduser().absolute()})
    sweeper = open_sweeper(reachable_settings(settings))
    report = report_of(sweeper.decide()) if dry_run else sweeper.sweep()
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
        return
    if report.lines:
        out().print(_table(report))
    err().print(_summary(report, dry_run=dry_run), soft_wrap=True)


def _table(report: Report) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("what")
    table.add_column("count", justify="right")
    table.add_column("megabytes", justify="right")
    table.add_column("why")
    for line in report.lines:
        table.add_row(line.kind.value, str(line.count), f"{line.bytes / MEGABYTE:,.1f}", line.why.value)
    return table


def _summary(report: Report, *, dry_run: bool) -> str:
    size = sum(line.bytes for line in report.lines) / MEGABYTE
    told = f"{size:,.1f} MB {'would go' if dry_run else 'are gone'}" if report.lines else "nothing to remove"
    if report.excess_bytes:
        excess = report.excess_bytes / MEGABYTE
        told += (
            f"; {excess:,.1f} MB more than retention.max_bytes are needed by jobs that run, or kept by other settings"
        )
    return told
