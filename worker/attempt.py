"""One attempt at a stage: its units, with a checkpoint after each."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from shared.artifacts.store import ArtifactStore
from shared.jobs.records import ArtifactRef
from shared.leases import Lease, Signal, UnitReport
from shared.plan.records import Plan, Stage
from worker.checkpoints import Drawer, context_of, opened
from worker.heartbeat import Heartbeat
from worker.maker import stage_result
from worker.pace import Pace, Sparingly, progress_text
from worker.patience import insist
from worker.results import keep_artifacts, keep_result
from worker.work import StageWork
from worker.workplace import Workplace

PREVIEW_EVERY_SECONDS = 2.0
PREVIEW_SHARE = 0.005
"""Of the time, at most, that previews may take: the larger the picture, the rarer they are …"""
PREVIEW_REST_SECONDS = 30.0
"""… but no rarer than this."""
TELL_EVERY_SECONDS = 1.0


class Ending(Enum):
    """How an attempt ends that raises nothing."""

    FINISHED = auto()
    DRAINED = auto()
    CANCELED = auto()
    PAUSED = auto()
    LOST = auto()


ENDINGS = {Signal.CANCEL: Ending.CANCELED, Signal.PAUSE: Ending.PAUSED, Signal.LOST: Ending.LOST}


@dataclass(frozen=True)
class Drawers:
    """What an attempt leaves behind while it is under way."""

    checkpoints: Drawer
    previews: Drawer

    def tidy(self) -> None:
        """Remove what newer files have replaced."""
        self.checkpoints.tidy()
        self.previews.tidy()

    def withdraw(self, checkpoint: str | None, preview: str | None) -> None:
        """Remove what was written but never recorded."""
        self.checkpoints.remove([checkpoint])
        self.previews.remove([preview])

    def empty(self) -> None:
        """Remove all of it."""
        self.checkpoints.empty()
        self.previews.empty()


def drawers_of(artifacts: ArtifactStore, lease: Lease) -> Drawers:
    """The drawers of a lease, with the checkpoint and the preview of earlier attempts in them."""
    return Drawers(
        Drawer(artifacts, "checkpoints", "npz", lease, lease.checkpoint),
        Drawer(artifacts, "previews", "png", lease, lease.preview),
    )


class Attempt:
    """The work on a stage under one lease."""

    def __init__(self, place: Workplace, lease: Lease, plan: Plan, heartbeat: Heartbeat) -> None:
        self._place = place
        self._lease = lease
        self._heartbeat = heartbeat
        self._stage: Stage = plan.stage(lease.stage_id)
        self._drawers = drawers_of(place.artifacts, lease)
        context = replace(context_of(plan, self._stage, place.artifacts), alive=heartbeat.moved)
        self._work: StageWork = opened(place.handlers[self._stage.kind], context, lease.checkpoint)
        self._pace = Pace(lease.seconds, self._work.progress)
        self._tell = Sparingly(TELL_EVERY_SECONDS)
        self._preview = Sparingly(PREVIEW_EVERY_SECONDS)

    @property
    def seconds(self) -> float:
        """Time worked on the stage, all attempts."""
        return self._pace.seconds

    def carry_out(self) -> Ending:
        """Unit by unit, until the work is done or must be put away."""
        while not self._work.finished:
            if self._place.draining.is_set():
                return Ending.DRAINED
            self._work.advance()
            self._heartbeat.moved()
            # What is finished is worth keeping, whatever was asked in the meantime.
            if self._work.finished:
                break
            signal = self._record()
            if signal is not Signal.CONTINUE:
                return ENDINGS[signal]
        return Ending.LOST if self._heartbeat.lost else Ending.FINISHED

    def keep(self) -> tuple[ArtifactRef, ...]:
        """Put the finished files in place, waiting for the store if need be: all the work is in them."""
        files = self._work.artifacts()
        patience_seconds = self._place.settings.artifacts.patience_seconds
        return insist(lambda: self._kept(files), self._place.draining.is_set, patience_seconds)

    def clean(self) -> None:
        """Remove what only an unfinished stage needs."""
        self._drawers.empty()

    def _kept(self, files: Mapping[str, bytes]) -> tuple[ArtifactRef, ...]:
        """The result goes last: where it lies, everything it names lies too."""
        kept = keep_artifacts(self._place.artifacts, self._stage, files)
        keep_result(self._place.artifacts, stage_result(self._stage, self._work, kept, self.seconds))
        return kept

    def _record(self) -> Signal:
        """Put the work away, tell the store, and hear what to do."""
        progress, eta_seconds = self._work.progress, self._pace.eta_seconds(self._work.progress)
        report = UnitReport(
            progress=progress,
            detail=self._work.detail,
            checkpoint=self._drawers.checkpoints.put(self._work.checkpoint()),
            preview=self._previewed(),
            seconds=self.seconds,
            eta_seconds=eta_seconds,
        )
        signal = insist(
            lambda: self._place.leases.record_unit(self._lease, report),
            self._place.draining.is_set,
            self._place.settings.lease.stall_seconds,
        )
        if signal is Signal.LOST:
            self._drawers.withdraw(report.checkpoint, report.preview)
        else:
            self._drawers.tidy()
        if self._tell.now():
            self._place.report(progress_text(progress, report.detail, eta_seconds))
        return signal

    def _previewed(self) -> str | None:
        """The key of a new preview, when it is time for one."""
        if not self._preview.now():
            return None
        began = time.monotonic()
        key = self._drawers.previews.put(self._work.preview())
        self._preview.rest(min(PREVIEW_REST_SECONDS, (time.monotonic() - began) / PREVIEW_SHARE))
        return key
