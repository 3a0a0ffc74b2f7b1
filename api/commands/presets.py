"""The command about the jobs that come with dreamqueue: presets."""

from typing import Annotated

import typer
import yaml
from rich import box
from rich.table import Table

from api.answers import PresetList
from api.commands.console import out
from api.commands.options import AsJson
from api.views import preset_list
from shared.presets.catalogue import preset_of

LINE_WIDTH = 120

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Print the spec of this one.")]


def presets(name: Name = None, as_json: AsJson = False) -> None:
    """List the jobs that come with dreamqueue, or print the spec of one, to be changed and handed in."""
    if name is not None:
        typer.echo(yaml.safe_dump(preset_of(name).data, sort_keys=False, width=LINE_WIDTH), nl=False)
        return
    listed = preset_list()
    if as_json:
        typer.echo(listed.model_dump_json(indent=2))
        return
    out().print(_table(listed))


def _table(listed: PresetList) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("preset", "what it shows"):
        table.add_column(column)
    for preset in listed.presets:
        table.add_row(preset.name, preset.title)
    return table
