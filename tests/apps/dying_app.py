"""The counting app in which one process dies by SIGKILL, once, where DYING_AT says: `celery -A dying_app`."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from counting_app import app  # pyright: ignore[reportMissingImports] - beside this file, where Celery is started
from kombu.transport.redis import Transport

import shared.dispatch
import worker.app
import worker.attempt
from shared.leases import Leases

DYING_AT = os.environ["DYING_AT"]
DIED = Path(os.environ["DYING_ONCE"])


def die_once() -> None:
    """Leave a mark and die; whoever finds the mark lives on."""
    try:
        DIED.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def deadly_before(owner: Any, name: str) -> None:
    """Have the process die instead of doing something."""
    _replace(owner, name, lambda act, given, named: (die_once(), act(*given, **named))[1])


def deadly_after(owner: Any, name: str) -> None:
    """Have the process die with something done and nothing behind it."""
    _replace(owner, name, lambda act, given, named: (act(*given, **named), die_once())[0])


def _replace(owner: Any, name: str, follow: Callable[..., Any]) -> None:
    act = getattr(owner, name)
    setattr(owner, name, lambda *given, **named: follow(act, given, named))


POINTS: dict[str, Callable[[], None]] = {
    "taken from the queue": lambda: deadly_before(Transport, "_deliver"),
    "artifacts in place": lambda: deadly_after(worker.attempt, "keep_artifacts"),
    "before commit": lambda: deadly_before(Leases, "commit"),
    "after commit": lambda: deadly_after(Leases, "commit"),
    "message sent": lambda: deadly_after(shared.dispatch, "send"),
    "dispatched": lambda: deadly_after(worker.app, "dispatch"),
}
POINTS[DYING_AT]()

# The child imports what is included, not what the command line names.
app.conf.include = ["dying_app", "worker.tasks"]
