"""The worker's own Celery app with stages that count instead of dreaming: `celery -A counting_app`."""

import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from shared.plan.records import StageKind
from shared.settings import Settings
from tests.counting import COMPLAINT, CountingHandler
from worker import late
from worker.work import StageHandler

UNITS = int(os.environ.get("COUNTING_UNITS", "10"))
UNIT_SECONDS = float(os.environ.get("COUNTING_UNIT_SECONDS", "0.1"))
JOURNAL = Path(os.environ.get("COUNTING_JOURNAL", os.devnull))
SICK_STAGE, _, SICKNESS = os.environ.get("COUNTING_SICK", "").partition(":")
"""A stage with what is wrong with it, such as `dream-01:raises`."""
COMPLAINS_SECONDS = 0.5
"""Before it shows what is wrong with it; longer than what is logged takes to reach the job store."""

log = logging.getLogger(__name__)


def _raises() -> None:
    raise ArithmeticError("the picture has turned to dust")


def _starves() -> None:
    raise MemoryError("no room for so large a picture")


def _dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hangs() -> None:
    time.sleep(3600)


SICKNESSES: Mapping[str, Callable[[], None]] = {"raises": _raises, "starves": _starves, "dies": _dies, "hangs": _hangs}


def on_unit(stage: str, unit: int) -> None:
    """Take a while, and leave a line for whoever counts what was done."""
    time.sleep(UNIT_SECONDS)
    with JOURNAL.open("a") as journal:
        journal.write(f"{stage} {unit}\n")
    if stage == SICK_STAGE:
        log.warning(COMPLAINT)
        time.sleep(COMPLAINS_SECONDS)
        SICKNESSES[SICKNESS]()


def load_handlers(_settings: Settings) -> Mapping[StageKind, StageHandler]:
    """Handlers that count."""
    return dict.fromkeys(StageKind, CountingHandler(UNITS, on_unit))


late.load_handlers = load_handlers

from worker.app import app  # noqa: E402 - the app must find the handlers replaced

if "COUNTING_VISIBILITY_SECONDS" in os.environ:
    # Celery's own is an hour; what it gives back after that, it gives back after this.
    seconds = float(os.environ["COUNTING_VISIBILITY_SECONDS"])
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, "visibility_timeout": seconds}

# The child imports what is included, not what the command line names.
app.conf.include = ["counting_app", "worker.tasks"]
