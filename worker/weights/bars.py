"""A fetch's progress on a terminal, or in plain lines where there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from worker.weights.progress import FetchProgress, OnProgress

_LINE_EVERY_PERCENT = 25


@contextmanager
def shown_on(console: Console) -> Iterator[OnProgress]:
    """A listener that shows a fetch while the block runs."""
    if not console.is_terminal:
        yield plain_lines(lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True))
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bars:
        yield _bar(bars)


def _bar(bars: Progress) -> OnProgress:
    """One bar, started again for each source."""
    tasks = {"": bars.add_task("looking", total=None)}

    def show(progress: FetchProgress) -> None:
        if progress.note:
            bars.console.print(progress.note, style="yellow", markup=False, highlight=False)
            return
        text = f"{progress.network} from {progress.source}"
        bars.update(tasks[""], description=text, completed=progress.bytes_done, total=progress.bytes_total)

    return show


def plain_lines(say: Callable[[str], None]) -> OnProgress:
    """A line when a source begins, one at each quarter, and every note."""
    said: set[str] = set()

    def show(progress: FetchProgress) -> None:
        line = progress.note or _quarter(progress)
        if line not in said:
            said.add(line)
            say(line)

    return show


def _quarter(progress: FetchProgress) -> str:
    percent = 100 * progress.bytes_done // progress.bytes_total if progress.bytes_total else 0
    quarter = percent - percent % _LINE_EVERY_PERCENT
    return f"{progress.network} from {progress.source}: {quarter} % of {(progress.bytes_total or 0) / 1e6:.0f} MB"
