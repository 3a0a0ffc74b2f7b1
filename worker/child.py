"""What the child process of a worker holds: the one that works."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from shared.artifacts.address import open_artifacts
from shared.errors import ConfigurationError, StageFailedError
from shared.jobs.store import open_store
from shared.leases import Leases
from shared.redaction import secrets_of
from shared.settings import Settings
from worker import late
from worker.draining import Draining, terminate_drains
from worker.equipment import equipment_here
from worker.excerpt import beginning, legible
from worker.runner import StageRunner
from worker.verdict import MESSAGE_CHARACTERS
from worker.workplace import Workplace

HUNG = 70
"""Exit code of a child that gave up on a stage that stood still."""


@dataclass(frozen=True)
class Child:
    """A workplace that lasts as long as its process."""

    place: Workplace
    draining: Draining

    def run(self, job_id: str, stage_id: str, task_id: str, report: Callable[[str], None]) -> None:
        """Run one stage.

        Raises:
            ConfigurationError: Redis refuses our account; no stage is to blame.
            StageFailedError: whatever else went wrong.
        """
        try:
            with terminate_drains(self.draining):
                StageRunner(replace(self.place, report=report)).run(job_id, stage_id, task_id)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, Celery must not get hold of it
            raise stage_failed(error, secrets_of(self.place.settings)) from None
        finally:
            self.draining.stage_ended()


def stage_failed(error: Exception, secrets: Sequence[str]) -> StageFailedError:
    """What Celery is told, with the notes that the error bears.

    Of the error itself its parent would load all that it is made of, TensorFlow too; and at a MemoryError it would end.
    """
    text = legible(f"{type(error).__name__}: {error}".removesuffix(": "), secrets)
    told = StageFailedError(beginning(text, MESSAGE_CHARACTERS))
    for note in getattr(error, "__notes__", ()):
        told.add_note(legible(note, secrets))
    return told


def open_child(
    settings: Settings, worker: str, draining: Draining, ring: Callable[[str, Sequence[str]], object]
) -> Child:
    """Load the engine and open everything that stages need."""
    store = open_store(settings)
    place = Workplace(
        store=store,
        leases=Leases(store.redis, store.prefix, settings.lease),
        artifacts=open_artifacts(settings.artifacts_url),
        handlers=late.load_handlers(settings),
        worker=worker,
        settings=settings,
        equipment=lambda: equipment_here(settings),
        dispatch=ring,
        draining=draining,
        report=lambda _: None,
        abandon=lambda: os._exit(HUNG),
    )
    return Child(place, draining)
