"""Process groups: the processes that one command started, ended together."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.05


def process_lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet reaped does not."""
    if sys.platform == "linux":
        try:
            status = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return status.rpartition(")")[2].split()[0] not in {"Z", "X"}
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def ask(pid: int, number: signal.Signals) -> None:
    """Send a signal to one process, which stops its own children in its own way."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def kill_group(group: int) -> None:
    """End every process of the group at once; nothing happens when there is none left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def await_end(pid: int, seconds: float) -> None:
    """Wait until the process has ended, for so many seconds at most."""
    deadline = time.monotonic() + seconds
    while process_lives(pid) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
