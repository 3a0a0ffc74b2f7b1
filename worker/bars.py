"""Shows on a terminal how far a local job is; as plain lines where there is no terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from shared.plan.records import Plan, Stage
from worker.local import Report


@contextmanager
def shown_on(console: Console, plan: Plan) -> Iterator[Report]:
    """A function to report to, with one bar for the stage at work and one for the whole job."""
    if console.is_terminal:
        with _bars(console) as bars:
            yield _Shown(bars, plan).report
    else:
        yield lambda stage, share, detail: console.print(f"{stage.id} {share:4.0%} {detail}", highlight=False)


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.fields[what]:<34}"),
        BarColumn(bar_width=32),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )


class _Shown:
    """The two bars, and the share of the work that each finished stage was."""

    def __init__(self, bars: Progress, plan: Plan) -> None:
        self._bars = bars
        self._work = plan.work
        self._done: dict[str, float] = {}
        self._stage = bars.add_task("stage", total=1.0, what="")
        self._job = bars.add_task("job", total=1.0, what=f"{len(plan.stages)} stages")

    def report(self, stage: Stage, share: float, detail: str) -> None:
        """Move both bars."""
        self._done[stage.id] = share * stage.work
        self._bars.update(self._stage, completed=share, what=f"{stage.id} {detail}")
        self._bars.update(self._job, completed=sum(self._done.values()) / self._work)
