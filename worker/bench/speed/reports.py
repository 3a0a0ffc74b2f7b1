"""Figures of reports: the shares of a stage's time that go into telling, and into keeping, where it stands."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from shared.artifacts.directory import DirectoryStore
from shared.artifacts.store import ArtifactStore
from shared.equipment import Equipment
from shared.leases import Lease, Signal, UnitReport
from shared.plan.job import plan_job
from shared.plan.records import Plan, StageKind
from shared.plan.surroundings import Surroundings
from shared.settings import Settings
from shared.spec.job import JobSpec
from worker.attempt import Attempt
from worker.bench.figure import Figure, Target
from worker.bench.speed.course import Course
from worker.bench.speed.stopwatch import seconds_of
from worker.bench.speed.style import Underway, modern_style
from worker.draining import Draining
from worker.engine.style_state import StyleState
from worker.stages.computed import ComputedWork
from worker.work import StageContext, StageWork
from worker.workplace import Workplace

UNITS = 5
PAINTING = "sha256:" + 64 * "0"

REPORTS = Target("less than", 0.01)
# A synced file every two seconds is what it costs that a dead worker loses no more than those.
CHECKPOINTS = Target("at most", 0.03)


def report_figures(course: Course) -> Iterator[Figure]:
    """All that a worker does between the units of a style, but for Redis, which only answers at once."""
    plan, settings = _plan(course), Settings()
    # From here on the first unit, too, finds compiled what it needs.
    Underway(modern_style(course)).go()
    work = _TimedWork(modern_style(course), plan.stages[0], settings.worker.unit_seconds, course.painter.precision)
    with tempfile.TemporaryDirectory() as folder:
        store = _TimedStore(Path(folder))
        lease = Lease("job", plan.stages[0].id, token=1, attempt=1)
        attempt = Attempt(_workplace(settings, store, work), lease, plan, cast("Any", _Pulse()))
        seconds = seconds_of(attempt.carry_out)
    keeping = (work.keeping_seconds + store.keeping_seconds) / seconds
    telling = 1.0 - work.seconds / seconds - keeping
    yield Figure("V11", f"previews and reports, share of a style's time, {UNITS} units", telling, REPORTS)
    yield Figure("V12", "checkpoints likewise", keeping, CHECKPOINTS)


class _TimedWork(ComputedWork[StyleState]):
    """Takes the time of its units and of its checkpoints."""

    seconds, keeping_seconds = 0.0, 0.0

    def advance(self) -> None:
        self.seconds += seconds_of(super().advance)

    def checkpoint(self) -> bytes:
        began = time.perf_counter()
        packed = super().checkpoint()
        self.keeping_seconds += time.perf_counter() - began
        return packed


class _TimedStore(DirectoryStore):
    """Takes the time in which checkpoints come and go."""

    keeping_seconds = 0.0

    def put(self, key: str, data: bytes) -> None:
        self._keep(key, seconds_of(lambda: super(_TimedStore, self).put(key, data)))

    def delete(self, key: str) -> None:
        self._keep(key, seconds_of(lambda: super(_TimedStore, self).delete(key)))

    def _keep(self, key: str, seconds: float) -> None:
        if key.startswith("checkpoints/"):
            self.keeping_seconds += seconds


@dataclass(frozen=True)
class _Opens:
    """A handler whose work is open already."""

    work: _TimedWork

    def open(self, context: StageContext) -> StageWork:  # noqa: ARG002
        return self.work


class _Pulse:
    """A heartbeat that nobody listens to."""

    lost = False

    def moved(self) -> None:
        """The stage has made progress."""


class _Answers:
    """Stands for Redis: takes a few reports, then asks for a pause."""

    def __init__(self) -> None:
        self._reports: list[UnitReport] = []

    def record_unit(self, _lease: Lease, report: UnitReport) -> Signal:
        self._reports.append(report)
        return Signal.PAUSE if len(self._reports) == UNITS else Signal.CONTINUE


def _workplace(settings: Settings, store: ArtifactStore, work: _TimedWork) -> Workplace:
    return Workplace(
        store=cast("Any", None),
        leases=cast("Any", _Answers()),
        artifacts=store,
        handlers={StageKind.STYLE: _Opens(work)},
        worker="bench",
        settings=settings,
        equipment=Equipment,
        dispatch=lambda *_: None,
        draining=Draining(),
        report=lambda _: None,
        abandon=lambda: None,
    )


def _plan(course: Course) -> Plan:
    """A plan with one style in it; what it asks for is what `modern_style` does."""
    size = course.lengths.content
    spec = {"seed": 7, "source": {"noise": {"size": size}}, "style": {"images": [{"image": PAINTING}]}}
    return plan_job(JobSpec.model_validate(spec), Surroundings(image_sizes={PAINTING: course.lengths.painting}))
