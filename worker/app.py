"""Celery's worker: what its parent and its child do when they start and when they stop.

The parent talks to Celery and never loads the engine; its only child does all the work.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from celery import Celery
from celery.signals import (
    heartbeat_sent,
    setup_logging,
    worker_init,
    worker_process_init,
    worker_ready,
    worker_shutting_down,
)
from celery.worker import state

from shared.broker import celery_app
from shared.dispatch import dispatch
from shared.errors import ConfigurationError
from shared.jobs.store import open_store
from shared.settings import Settings
from shared.telemetry import configure_logging
from worker.child import Child, open_child
from worker.draining import Draining
from worker.equipment import EquipmentReporter, equipment_here

log = structlog.get_logger(__name__)

PUT_AWAY = signal.SIGURG
"""Sent by the parent; processes that are not ready to heed it ignore it."""
CANNOT_WORK = signal.SIGUSR2
"""Sent to the parent by a child that could not load what it works with, or whose account Redis refuses."""
USELESS = 69
"""Exit code of a worker whose child cannot work: EX_UNAVAILABLE of sysexits."""
REPEAT_SECONDS = 0.5

settings = Settings()
app: Celery = celery_app(settings)
app.conf.include = ["worker.tasks"]
draining = Draining()


class Station:
    """What this process holds: the pool in a parent, the child's workplace in a child."""

    pool: Any = None
    worker: str = ""
    opened: Child | None = None

    def child(self) -> Child:
        """The workplace, opened by the first who asks."""
        if self.opened is None:
            self.opened = open_child(settings, self.worker, draining, ring)
        return self.opened

    def run(self, job_id: str, stage_id: str, task_id: str, report: Callable[[str], None]) -> None:
        """Run one stage; a worker whose account Redis refuses ends, and is told why when it is started again."""
        try:
            self.child().run(job_id, stage_id, task_id, report)
        except ConfigurationError as error:
            log.error("cannot work, and ends", worker=self.worker, reason=str(error))  # noqa: TRY400
            _end_worker()
            raise


station = Station()


def ring(job_id: str, stage_ids: Sequence[str]) -> object:
    """Send for stages that became runnable."""
    return dispatch(station.child().place.store, app, job_id, stage_ids)


@setup_logging.connect
def _log_as_we_do(**_: Any) -> None:
    configure_logging()


@worker_init.connect
def _parent_is_born(**_: Any) -> None:
    signal.signal(CANNOT_WORK, _give_up)


def _give_up(*_: Any) -> None:
    """End the worker as SIGTERM would, but not as a success: whoever keeps it running shall know."""
    state.should_stop = USELESS


@worker_ready.connect
def _parent_is_ready(sender: Any, **_: Any) -> None:
    station.pool = sender.pool
    EquipmentReporter(open_store(settings), sender.hostname, lambda: equipment_here(settings)).start()


@heartbeat_sent.connect
def _parent_is_well(**_: Any) -> None:
    if settings.worker.heartbeat_file is not None:
        settings.worker.heartbeat_file.touch()


@worker_shutting_down.connect
def _parent_is_stopped(**_: Any) -> None:
    # Runs inside a signal handler: a thread does what takes longer.
    threading.Thread(target=_tell_children, name="drain", daemon=True).start()


def _tell_children() -> None:
    """Ask the children to put their stages away, again and again: one may only just be starting."""
    while True:
        for process_id in _children():
            _send_signal(process_id)
        time.sleep(REPEAT_SECONDS)


def _children() -> Sequence[int]:
    try:
        return station.pool.info["processes"]
    except AttributeError:
        # The pool is gone, and with it whoever could be told.
        return ()


def _send_signal(process_id: int) -> None:
    try:
        os.kill(process_id, PUT_AWAY)
    except ProcessLookupError:
        return


@worker_process_init.connect
def _child_is_born(sender: str, **_: Any) -> None:
    signal.signal(PUT_AWAY, lambda *_: draining.ask_worker())
    station.worker = sender
    try:
        station.child()
    except Exception as error:
        log.exception("cannot work, and ends: the engine cannot be loaded", worker=sender, reason=str(error))
        # Celery goes on whatever an initializer raises, and would fail every message.
        _end_worker()
        return
    log.info("child is ready", worker=sender, process=os.getpid())


def _end_worker() -> None:
    """Have the parent end: its child cannot work."""
    os.kill(os.getppid(), CANNOT_WORK)
