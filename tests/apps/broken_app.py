"""The worker's app with an engine that cannot be loaded: `celery -A broken_app`."""

from collections.abc import Mapping

from shared.plan.records import StageKind
from shared.settings import Settings
from worker import late
from worker.work import StageHandler


def load_handlers(_settings: Settings) -> Mapping[StageKind, StageHandler]:
    """What a machine without the engine makes of it."""
    raise ModuleNotFoundError("No module named 'tensorflow'")


late.load_handlers = load_handlers

from worker.app import app  # noqa: E402 - the app must find the handlers replaced

# The child imports what is included, not what the command line names.
app.conf.include = ["broken_app", "worker.tasks"]
