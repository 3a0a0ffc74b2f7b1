"""Puts unfinished stages away in the artifact store, and takes them up again."""

from collections.abc import Sequence

import structlog

from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactStoreError, NotFoundError, RetryableError
from shared.leases import Lease
from shared.plan.records import Plan, Stage
from worker.quarantine import set_aside
from worker.work import StageContext, StageHandler, StageWork

log = structlog.get_logger(__name__)


def opened(handler: StageHandler, context: StageContext, checkpoint: str | None) -> StageWork:
    """The stage's work, as far as its checkpoint goes; a missing or damaged one costs work, never the stage."""
    work = handler.open(context)
    if checkpoint is None:
        return work
    try:
        data = context.artifacts.get(checkpoint)
    except NotFoundError:
        log.warning("checkpoint missing; the stage begins anew", checkpoint=checkpoint)
        return work
    try:
        work.restore(data)
    except RetryableError:
        raise
    except Exception as error:
        log.exception("checkpoint unreadable; the stage begins anew", checkpoint=checkpoint)
        set_aside(context.artifacts, checkpoint, data, f"cannot be taken up: {error!r}")
        return handler.open(context)
    return work


def context_of(plan: Plan, stage: Stage, artifacts: ArtifactStore) -> StageContext:
    """All that the stage may look at."""
    return StageContext(stage=stage, plan=plan, artifacts=artifacts)


class Drawer:
    """One kind of file that an attempt writes again and again: the newest is kept, the one before goes."""

    def __init__(self, artifacts: ArtifactStore, kind: str, ending: str, lease: Lease, newest: str | None) -> None:
        self._artifacts = artifacts
        self._folder = f"{kind}/{lease.job_id}/{lease.stage_id}"
        # The token in the name keeps holders apart: one that was followed by another never touches its files.
        self._name = f"{self._folder}/{lease.token}-{{}}.{ending}"
        self._count = 0
        self._newest = newest
        self._stale: list[str] = []

    def put(self, data: bytes | None) -> str | None:
        """Write a new one; None when there is none, or no room: the one before then stays the newest."""
        if not data:
            return None
        key = self._name.format(self._count)
        self._count += 1
        try:
            self._artifacts.put(key, data)
        except ArtifactStoreError as error:
            log.warning("could not be kept; going on without", key=key, reason=str(error))
            return None
        if self._newest is not None:
            self._stale.append(self._newest)
        self._newest = key
        return key

    def tidy(self) -> None:
        """Remove what nobody refers to any more."""
        self.remove(self._stale)
        self._stale = []

    def empty(self) -> None:
        """Remove everything, left over by whatever attempt."""
        try:
            self.remove(list(self._artifacts.keys(self._folder)))
        except ArtifactStoreError as error:
            log.warning("left behind", folder=self._folder, reason=str(error))

    def remove(self, keys: Sequence[str | None]) -> None:
        """Remove some files; what cannot be removed only takes room."""
        for key in filter(None, keys):
            try:
                self._artifacts.delete(key)
            except ArtifactStoreError as error:
                log.warning("left behind", key=key, reason=str(error))
