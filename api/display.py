"""Shows a job while it runs: bars on a terminal, plain lines elsewhere."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from api.answers import EventAnswer, JobAnswer, StageAnswer
from api.board import Board, StageLine, board_of
from api.durations import spoken
from api.server_clock import ServerClock
from shared.jobs.status import JobStatus, StageStatus
from shared.plan.records import StageKind

REFRESHES_PER_SECOND = 8
NAME_WIDTH, SHARE_WIDTH, LEFT_WIDTH = 16, 4, 16
BAR_WIDTHS = (8, 32)
DETAIL_WIDTHS = (10, 20, 30)
"""Least, wanted before the bar grows, most."""
GAPS = 12
"""What lies between and beside the five columns, in characters."""

TICKS = {
    StageStatus.QUEUED: ("·", "bright_black"),
    StageStatus.RUNNING: ("▸", "bold yellow"),
    StageStatus.PAUSED: ("‖", "yellow"),
    StageStatus.SUCCEEDED: ("■", "green"),
    StageStatus.REUSED: ("■", "cyan"),
    StageStatus.CANCELED: ("✗", "bright_black"),
    StageStatus.FAILED: ("✗", "bold red"),
}
STATUS_STYLES = {
    JobStatus.QUEUED: "bright_black",
    JobStatus.RUNNING: "bold yellow",
    JobStatus.PAUSED: "yellow",
    JobStatus.CANCELING: "magenta",
    JobStatus.CANCELED: "magenta",
    JobStatus.SUCCEEDED: "bold green",
    JobStatus.FAILED: "bold red",
}
VERBS = {StageKind.DREAM: "dream", StageKind.STYLE: "style", StageKind.ANIMATE: "animate"}
TOLD = frozenset(
    {"running", "succeeded", "reused", "failed", "canceled", "canceling", "lost", "released", "paused", "queued"}
)


class JobDisplay:
    """Follows one job on a console until its events end."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def follow(self, job: JobAnswer, stages: Sequence[StageAnswer], events: Iterable[EventAnswer]) -> Board:
        """Show what events tell; returns how the job stands at their end."""
        board = board_of(job, stages)
        if self.console.is_terminal:
            return self._follow_live(board, events)
        return self._follow_in_lines(board, events)

    def _follow_live(self, board: Board, events: Iterable[EventAnswer]) -> Board:
        current = board
        clock = ServerClock(board.created_at)

        def picture() -> RenderableType:
            return rendered(current, clock.now(), self.console.width)

        with Live(get_renderable=picture, console=self.console, refresh_per_second=REFRESHES_PER_SECOND):
            for event in events:
                clock.heard(event.at)
                current = current.told(event)
        return current

    def _follow_in_lines(self, board: Board, events: Iterable[EventAnswer]) -> Board:
        for event in events:
            board = board.told(event)
            line = told_line(board, event)
            if line:
                self.console.print(line, soft_wrap=True, highlight=False, markup=False)
        return board


def rendered(board: Board, now: datetime, width: int) -> RenderableType:
    """The whole display at one moment, on a console of `width` characters."""
    running = [stage for stage in board.stages if stage.status is StageStatus.RUNNING]
    parts: list[RenderableType] = [_headline(board), Text(), _strips(board)]
    if running:
        parts += [Text(), _bars([_stage_row(stage, now) for stage in running], width)]
    parts += [Text(), _bars([_total_row(board, now)], width)]
    if board.failure is not None:
        parts += [Text(), Text(f"✗ {board.failure.stage or 'job'}: {board.failure.message}", "red")]
    return Padding(Group(*parts), (1, 2))


def told_line(board: Board, event: EventAnswer) -> str | None:
    """An event as one plain line; None for those that only move a bar."""
    subject, _, what = event.type.partition(".")
    if what not in TOLD:
        return None
    stage = cast("dict[str, object] | None", event.data.get("stage"))
    line = next((line for line in board.stages if stage is not None and line.id == stage.get("id")), None)
    name = f"{VERBS[line.kind]} {line.label}" if line is not None else subject
    return f"{event.at.astimezone():%H:%M:%S} {board.progress:4.0%}  {name} {what}"


def _headline(board: Board) -> Text:
    return Text.assemble(
        (board.name or "job", "bold"),
        ("  ", ""),
        (board.job_id, "bright_black"),
        ("  ", ""),
        (f"of {board.owner}", "bright_black"),
        ("  ", ""),
        (board.status.value, STATUS_STYLES[board.status]),
    )


def _strips(board: Board) -> Table:
    """One row of ticks a kind of stage, one tick a frame."""
    grid = Table.grid(padding=(0, 2))
    for kind in StageKind:
        stages = [stage for stage in board.stages if stage.kind is kind]
        if stages:
            frames = [stage.status for stage in stages for _ in range(stage.frames)]
            ticks = Text(" ").join(Text(*TICKS[status]) for status in frames)
            done = sum(status.done for status in frames)
            grid.add_row(Text(VERBS[kind]), ticks, Text(f"{done}/{len(frames)}", "bright_black"))
    return grid


def _bars(rows: Sequence[tuple[RenderableType, ...]], width: int) -> Table:
    """Rows of name, bar, percentage, detail and time left, in columns that do not jump about."""
    grid = Table.grid(padding=(0, 2))
    free = width - NAME_WIDTH - SHARE_WIDTH - LEFT_WIDTH - GAPS
    bar_width = _within(free - DETAIL_WIDTHS[1], BAR_WIDTHS[0], BAR_WIDTHS[1])
    grid.add_column(width=NAME_WIDTH, no_wrap=True)
    grid.add_column(width=bar_width)
    grid.add_column(width=SHARE_WIDTH, no_wrap=True, justify="right")
    grid.add_column(width=_within(free - bar_width, DETAIL_WIDTHS[0], DETAIL_WIDTHS[2]), no_wrap=True)
    grid.add_column(width=LEFT_WIDTH, no_wrap=True, justify="right")
    for row in rows:
        grid.add_row(*row)
    return grid


def _within(value: int, least: int, most: int) -> int:
    return max(least, min(most, value))


def _stage_row(stage: StageLine, now: datetime) -> tuple[RenderableType, ...]:
    # Workers put the label before what they do; here it stands in front already.
    detail = stage.detail.removeprefix(stage.label).lstrip(" |")
    again = f"  attempt {stage.attempts}" if stage.attempts > 1 else ""
    return (
        Text(f"{VERBS[stage.kind]} {stage.label}"),
        ProgressBar(1.0, stage.progress, complete_style="yellow", finished_style="green"),
        Text(f"{stage.progress:.0%}"),
        Text.assemble((detail, "bright_black"), (again, "magenta")),
        _left(stage.eta_at, now),
    )


def _total_row(board: Board, now: datetime) -> tuple[RenderableType, ...]:
    time_told = _left(board.eta_at, now)
    if board.finished_at is not None:
        time_told = Text(f"took {spoken((board.finished_at - board.created_at).total_seconds())}", "bright_black")
    return (
        Text("total", "bold"),
        ProgressBar(1.0, board.progress, complete_style="cyan", finished_style="green"),
        Text(f"{board.progress:.0%}", "bold"),
        Text(f"{board.done} of {len(board.stages)} stages", "bright_black"),
        time_told,
    )


def _left(eta_at: datetime | None, now: datetime) -> Text:
    if eta_at is None:
        return Text("")
    return Text(f"{spoken((eta_at - now).total_seconds())} left", "bright_black")
