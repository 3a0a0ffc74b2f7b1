"""The reconciler as a process of its own: `python -m deploy.local.reconciler`."""

import signal
import sys
import threading
from types import FrameType

from shared.errors import ConfigurationError
from shared.jobs.server import await_servers
from shared.reconciler import run
from shared.retention.housekeeper import Housekeeper
from shared.settings import settings_in_force
from shared.telemetry import configure_logging

PATIENCE_SECONDS = 3.0


def main() -> None:
    """Reconcile and keep house until SIGTERM or SIGINT."""
    configure_logging()
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        # In a thread: an Event must not be set by a handler that may interrupt a wait for the same Event.
        threading.Thread(target=stop.set).start()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    try:
        settings = settings_in_force()
        await_servers(settings.redis, stop)
        housekeeper = Housekeeper(settings, stop)
        housekeeper.start()
        run(settings, stop)
        # A sweep ends before its next removal; one that hangs is safely left in the middle.
        housekeeper.join(PATIENCE_SECONDS)
    except ConfigurationError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
