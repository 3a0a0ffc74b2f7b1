"""What `dreamqueue up --demo` does once everything runs: the whole pipeline on the example pictures."""

from pathlib import Path

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.client import Client
from api.commands.artifact import fetched
from api.commands.job import followed, told_end
from api.commands.spec import uploaded
from api.contact_sheet import contact_sheet, frames_by_row
from deploy.examples.folder import lay_out

FOLDER = Path("demo")
SHEET = "contact-sheet.png"


def run_demo(api: str, console: Console) -> None:
    """Submit the demo's job, show its progress to the end, fetch its pictures and say where they are."""
    spec = lay_out(FOLDER)
    with Client(api) as client:
        job = client.submit(uploaded(client, spec, None))
        board = followed(client, job, console)
        told_end(board)
        artifacts = [item for item in client.artifacts(job.id).artifacts if not item.name.endswith(".npy")]
        paths = fetched(client, artifacts, FOLDER, console)
    files = {path.relative_to(FOLDER).as_posix(): path for path in paths}
    rows, labels = frames_by_row(files)
    contact_sheet(rows, labels).save(FOLDER / SHEET)
    console.print(_where(files["animation.gif"], FOLDER / SHEET))


def _where(animation: Path, sheet: Path) -> Panel:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", justify="right")
    rows.add_column(overflow="fold")
    for name, path in (("animation", animation), ("contact sheet", sheet), ("every frame", FOLDER)):
        rows.add_row(name, Text(str(path.absolute()), style="bold cyan"))
    again = Text.assemble(("Dream again, differently: change ", "dim"), str(FOLDER / "demo.yaml"), (" and ", "dim"))
    again.append("make demo", style="bold")
    return Panel(
        Group(rows, "", again),
        title="[bold magenta]the dream is ready[/]",
        border_style="magenta",
        box=box.ROUNDED,
        padding=(1, 3),
        expand=False,
    )
