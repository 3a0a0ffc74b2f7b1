"""Shows a stage's progress in Flower's own columns: a bar of characters, since Flower escapes all markup."""

import re
import time
from typing import Any

BAR_CELLS = 10
# Both signs are equally wide in every font, so that the bars of a list line up.
FULL, EMPTY = "▰", "▱"
RUNNING = {"STARTED", "PROGRESS"}
PROGRESS = re.compile(r"^'?(?P<percent>\d{1,3})% *\|? *(?P<rest>.*?)'?$", re.DOTALL)


def shown_task(task: Any) -> Any:
    """Celery's record of a task, as the pages shall show it; Flower hands in a copy of each that it shows."""
    if task.state in RUNNING:
        # A custom state would hide the Terminate button, which only STARTED has.
        task.state = "STARTED"
        task.runtime = running_seconds(task.started, time.time())
    task.result = shown_result(task.state, task.result, task.exception)
    return task


def shown_result(state: str, result: str | None, exception: str | None) -> str | None:
    """What stands in the column `result`: how far a stage is, or why it failed."""
    if state == "FAILURE" and exception:
        return exception
    if state == "SUCCESS":
        return f"{bar(1.0)} 100%"
    return bar_line(result)


def running_seconds(started_at: float | None, now: float) -> float | None:
    """For how long a task has been running, in seconds; None when its start is not known."""
    return None if started_at is None else max(now - started_at, 0.0)


def bar_line(text: str | None) -> str | None:
    """The bar, the percentage and the rest of `42% | mixed4c | octave 3/5 | 18 s left`; any other text as it is."""
    match = PROGRESS.match(text or "")
    if match is None:
        return text
    percent = min(int(match["percent"]), 100)
    parts = sorted((part.strip() for part in match["rest"].split("|") if part.strip()), key=_comes_later)
    return "  ".join((f"{bar(percent / 100)} {percent}%", " · ".join(parts))).rstrip()


def _comes_later(part: str) -> bool:
    # The list cuts a long text off at its end; the time left is what one looks for first.
    return not part.endswith("left")


def bar(fraction: float) -> str:
    """A bar, filled to a fraction from 0 to 1; only a stage that is done has a full one."""
    most = BAR_CELLS if fraction >= 1.0 else BAR_CELLS - 1
    full = min(round(max(fraction, 0.0) * BAR_CELLS), most)
    return FULL * full + EMPTY * (BAR_CELLS - full)
