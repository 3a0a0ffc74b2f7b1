"""What `dreamqueue up --demo` does once everything runs: the whole pipeline on the example pictures."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from threading import Thread

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.client import Client
from api.commands.artifact import fetched
from api.commands.job import followed, told_end
from api.commands.options import login_name
from api.commands.spec import uploaded
from api.contact_sheet import contact_sheet, frames_by_row
from deploy.examples.folder import lay_out
from deploy.local.service import LocalService

FOLDER = Path("demo")
SHEET = "contact-sheet.png"
LOOK_SECONDS = 0.2


def dream_example(service: LocalService) -> None:
    """Carry out the demo, and end with an error should the service under it fail."""
    outcome: Future[None] = Future()
    Thread(target=_into, args=(outcome, service.addresses.api), name="demo", daemon=True).start()
    while not outcome.done():
        service.supervisor.wait(LOOK_SECONDS)
    outcome.result()


def _into(outcome: Future[None], api: str) -> None:
    try:
        outcome.set_result(run_demo(api, Console()))
    except BaseException as error:  # noqa: BLE001, whatever it is, the main thread raises it again
        outcome.set_exception(error)


def run_demo(api: str, console: Console) -> None:
    """Submit the demo's job, show its progress to the end, fetch its pictures and say where they are."""
    spec = lay_out(FOLDER)
    with Client(api) as client:
        job = client.submit(uploaded(client, spec, None), owner=login_name())
        told_end(followed(client, job, console))
        pictures = [item for item in client.artifacts(job.id).artifacts if not item.name.endswith(".npy")]
        paths = fetched(client, pictures, FOLDER, console)
    files = {path.relative_to(FOLDER).as_posix(): path for path in paths}
    contact_sheet(*frames_by_row(files)).save(FOLDER / SHEET)
    animations = [path for name, path in files.items() if name.startswith("animation.")]
    console.print(_where(animations, FOLDER / SHEET))


def _where(animations: Sequence[Path], sheet: Path) -> Panel:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", justify="right")
    rows.add_column(overflow="fold")
    moving = [("animation", path) for path in animations]
    for name, path in (*moving, ("contact sheet", sheet), ("every frame", FOLDER)):
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
