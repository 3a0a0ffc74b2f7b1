"""What this machine has, told to the store, so that no job is accepted that no worker could finish."""

import threading
from collections.abc import Callable

import structlog

from shared.equipment import Equipment
from shared.errors import StoreUnavailableError
from shared.jobs.store import EQUIPMENT_SECONDS, JobStore
from shared.settings import Settings
from shared.spec.animation import EXTRAS
from worker.engine.containers import check_container
from worker.engine.errors import EncoderMissingError
from worker.weights.library import available

log = structlog.get_logger(__name__)

EVERY_SECONDS = EQUIPMENT_SECONDS / 4
RETRY_SECONDS = 1.0


def equipment_here(settings: Settings) -> Equipment:
    """What is at hand now; it may be installed or fetched while a worker runs."""
    return Equipment(available(settings.weights), tuple(extra for name, extra in EXTRAS.items() if _writable(name)))


def _writable(container: str) -> bool:
    try:
        check_container(container)
    except EncoderMissingError:
        return False
    return True


class EquipmentReporter:
    """A thread that reports again and again: what is not repeated is forgotten."""

    def __init__(self, store: JobStore, worker: str, equipment: Callable[[], Equipment]) -> None:
        self._store = store
        self._worker = worker
        self._equipment = equipment
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._report, name="equipment", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def stop(self) -> None:
        """Report no more."""
        self._stop.set()

    def _report(self) -> None:
        while not self._stop.wait(self._told()):
            pass

    def _told(self) -> float:
        """Report once; returns the pause until the next time in seconds."""
        try:
            self._store.report_equipment(self._worker, self._equipment())
        except StoreUnavailableError as error:
            log.warning("equipment not reported", reason=str(error))
            return RETRY_SECONDS
        return EVERY_SECONDS
