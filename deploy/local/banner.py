"""What the terminal shows once everything runs."""

from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

DEFAULT_API = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Addresses:
    """Where a running service is found."""

    api: str
    flower: str
    """With the login of its page, if there is one."""
    data_dir: Path
    log: Path
    workers: tuple[str, ...]
    open_to_others: bool
    """Whether other machines reach the API, which asks nobody for a key."""


def banner(addresses: Addresses) -> RenderableType:
    """The addresses."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", justify="right")
    rows.add_column(overflow="fold")
    rows.add_row("API", _link(addresses.api))
    rows.add_row("docs", _link(f"{addresses.api}/docs"))
    rows.add_row("Flower", _link(addresses.flower))
    rows.add_row("workers", Text(", ".join(addresses.workers)))
    rows.add_row("data", Text(str(addresses.data_dir)))
    rows.add_row("log", Text(str(addresses.log)))
    parts: list[RenderableType] = [rows]
    if addresses.open_to_others:
        parts += ["", Text("Other machines can reach the API, and it asks nobody for a key.", style="bold yellow")]
    return Panel(
        Group(*parts),
        title="[bold magenta]dreamqueue[/] [dim]is ready[/]",
        subtitle="[dim]Ctrl-C stops everything[/]",
        border_style="magenta",
        box=box.ROUNDED,
        padding=(1, 3),
        expand=False,
    )


def submit_line(api: str) -> Text:
    """A command that works in any folder: its spec dreams out of noise, so that no picture is needed."""
    elsewhere = "" if api == DEFAULT_API else f" --url {api}"
    spec = '{"version": 1, "source": {"noise": {"size": [240, 320]}}, "dream": {}}'
    return Text.assemble(
        ("echo ", "cyan"), (f"'{spec}'", "green"), " | ", ("dreamqueue submit ", "bold cyan"), f"- --wait{elsewhere}"
    )


def show(console: Console, addresses: Addresses) -> None:
    """Put the banner on the terminal, and below it, in one piece that can be copied, a command to run."""
    console.print()
    console.print(banner(addresses))
    console.print("\nIn another terminal:", style="dim")
    console.print(submit_line(addresses.api), soft_wrap=True)
    console.print()


def _link(url: str) -> Text:
    return Text(url, style=f"bold cyan link {url}")
