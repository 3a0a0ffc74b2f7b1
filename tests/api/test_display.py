"""What people see while a job runs."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from api.answers import EventAnswer
from api.board import Board, StageLine
from api.display import JobDisplay, rendered, told_line
from shared.jobs.status import JobStatus, StageStatus
from shared.plan.records import StageKind

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_running_stage_has_a_line_with_percentage_detail_and_time_left() -> None:
    event = stage_event(
        10, "stage.progress", 0.42, status="running", progress=0.6, detail="conv4_2 | octave 3/5", eta_seconds=18
    )

    text = shown(board().told(event), at_seconds=10)

    line = next(line for line in text.splitlines() if "dream conv4_2" in line)
    assert "60%" in line
    assert line.partition("octave 3/5")[2].strip() == "18 s left"


def test_time_left_counts_down_between_events() -> None:
    event = stage_event(10, "stage.progress", 0.42, status="running", progress=0.6, eta_seconds=18)

    text = shown(board().told(event), at_seconds=15)

    assert "13 s left" in text


def test_time_left_is_told_right_where_the_time_is_another_than_on_the_server() -> None:
    stream = io.StringIO()
    event = stage_event(10, "stage.progress", 0.42, status="running", progress=0.6, eta_seconds=18)

    JobDisplay(Console(file=stream, width=110, force_terminal=True))._follow_live(board(), [event])

    assert re.search(r"1[78] s left", stream.getvalue())


def test_finished_frames_are_ticks() -> None:
    event = stage_event(10, "stage.succeeded", 0.5, status="succeeded", progress=1)

    text = shown(board().told(event), at_seconds=10)

    assert "dream    ■ ·  1/2" in text
    assert "1 of 3 stages" in text


def test_a_batch_has_a_tick_for_each_of_its_frames() -> None:
    batch = StageLine("style-00", StageKind.STYLE, "conv4_2..conv5_1", StageStatus.QUEUED, frames=2)
    current = replace(board(), stages=(*board().stages, batch))

    waiting = shown(current, at_seconds=1)
    done = shown(current.told(stage_event(2, "stage.succeeded", 0.5, id="style-00", status="succeeded")), at_seconds=2)

    assert "style    · ·  0/2" in waiting
    assert "style    ■ ■  2/2" in done


def test_the_total_tells_the_time_left_at_the_speed_of_late() -> None:
    current = board()
    for second in range(11):
        current = current.told(stage_event(second, "stage.progress", second / 100, status="running", progress=0.1))

    text = shown(current, at_seconds=10)

    assert "1 min 30 s left" in text


def test_a_reused_stage_does_not_count_as_speed() -> None:
    current = board().told(stage_event(0, "stage.running", 0.0, status="running"))
    current = current.told(stage_event(10, "stage.reused", 0.9, status="reused"))

    assert current.eta_at is None


def test_a_failed_job_says_why() -> None:
    failure = {"code": "not_finite", "message": "the picture is no longer a number", "stage": "dream-00"}

    current = board().told(job_event(9, "job.failed", status="failed", failure=failure))

    assert "dream-00: the picture is no longer a number" in shown(current, at_seconds=9)
    assert current.status is JobStatus.FAILED


def test_without_a_terminal_every_change_is_one_plain_line() -> None:
    stream = io.StringIO()
    events = [
        job_event(0, "job.running", status="running"),
        stage_event(1, "stage.progress", 0.2, status="running", progress=0.5),
        stage_event(2, "stage.succeeded", 0.5, status="succeeded"),
    ]
    console = Console(file=stream, width=20)
    display = JobDisplay(console)

    lines = [told_line(board(), event) for event in events]
    display._follow_in_lines(board(), events)

    assert lines[1] is None
    assert [line.partition("%  ")[2] for line in stream.getvalue().splitlines()] == [
        "job running",
        "dream conv4_2 succeeded",
    ]


def test_an_event_with_unknown_fields_is_taken() -> None:
    event = job_event(1, "job.something", weather="fine")

    assert board().told(event).status is JobStatus.RUNNING


def board() -> Board:
    stages = (
        StageLine("dream-00", StageKind.DREAM, "conv4_2", StageStatus.QUEUED),
        StageLine("dream-01", StageKind.DREAM, "conv5_1", StageStatus.QUEUED),
        StageLine("animate", StageKind.ANIMATE, "gif", StageStatus.QUEUED),
    )
    return Board("job_1", "ada", "cat dreams", JobStatus.RUNNING, 0.0, START, stages)


def job_event(second: float, kind: str, **data: Any) -> EventAnswer:
    return EventAnswer(id=f"{second}-0", type=kind, at=START + timedelta(seconds=second), data=data)


def stage_event(second: float, kind: str, job_progress: float, **stage: Any) -> EventAnswer:
    return job_event(second, kind, progress=job_progress, status="running", stage={"id": "dream-00", **stage})


def shown(current: Board, at_seconds: float) -> str:
    console = Console(file=io.StringIO(), width=110, color_system=None)
    with console.capture() as capture:
        console.print(rendered(current, START + timedelta(seconds=at_seconds), 110))
    return capture.get()
