"""A store, artifacts and a runner in one place, for tests that look at what a runner does."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.artifacts.directory import DirectoryStore
from shared.equipment import Equipment
from shared.jobs.records import JobRecord
from shared.jobs.store import JobStore
from shared.leases import Leases
from shared.plan.records import StageKind
from shared.settings import Settings
from tests.counting import CountingHandler, counting_plan, counting_spec
from worker.draining import Draining
from worker.runner import StageRunner
from worker.workplace import Workplace

UNITS = 4


class Killed(BaseException):
    """Stands for a SIGKILL: nothing in the runner may catch it."""


@dataclass
class Scene:
    """A store, artifacts and a runner, with what they were seen doing."""

    store: JobStore
    leases: Leases
    artifacts: DirectoryStore
    settings: Settings
    draining: Draining = field(default_factory=Draining)
    units: list[tuple[str, int]] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    abandoned: threading.Event = field(default_factory=threading.Event)
    on_unit: Callable[[str, int], None] = lambda _stage, _unit: None

    def submit(self, *layers: int) -> JobRecord:
        """Take in a job with these layers."""
        spec = counting_spec(*layers)
        return self.store.create(spec, counting_plan(spec))[0]

    def runner(self, **changes: Any) -> StageRunner:
        """A runner in this scene."""
        handlers = dict.fromkeys(StageKind, CountingHandler(UNITS, self._unit))
        place = Workplace(
            store=self.store,
            leases=self.leases,
            artifacts=self.artifacts,
            handlers=handlers,
            worker="cpu0@here",
            settings=self.settings,
            equipment=lambda: Equipment(("vgg16",)),
            dispatch=self._ring,
            draining=self.draining,
            report=self.told.append,
            abandon=self.abandoned.set,
        )
        return StageRunner(replace(place, **changes))

    def run_all(self, job_id: str) -> None:
        """Run whatever is runnable until nothing is."""
        while runnable := self.store.runnable(job_id):
            for stage_id in runnable:
                self.runner().run(job_id, stage_id, "task")

    def result_bytes(self, job_id: str) -> dict[str, bytes]:
        """Every file that the job has made, by key."""
        return {
            item.key: self.artifacts.get(item.key) for stage in self.store.stages(job_id) for item in stage.artifacts
        }

    def leftovers(self) -> list[str]:
        """Checkpoints and previews that still lie about."""
        return [*self.artifacts.keys("checkpoints"), *self.artifacts.keys("previews")]

    def _unit(self, stage: str, unit: int) -> None:
        self.units.append((stage, unit))
        self.on_unit(stage, unit)

    def _ring(self, _job_id: str, stage_ids: Sequence[str]) -> None:
        self.rung.extend(stage_ids)


def raising(error: BaseException, at: tuple[str, int], times: int = 1) -> Callable[[str, int], None]:
    left = iter(range(times))

    def on_unit(stage: str, unit: int) -> None:
        if (stage, unit) == at and next(left, None) is not None:
            raise error

    return on_unit


def at_unit(wanted: int, act: Callable[[], object]) -> Callable[[str, int], None]:
    def on_unit(_stage: str, unit: int) -> None:
        if unit == wanted:
            act()

    return on_unit


def lose_lease(scene: Scene, job_id: str, stage_id: str) -> None:
    """What the reconciler does once a dead worker's lease has run out."""
    scene.store.redis.delete(f"{scene.store.prefix}:lease:{job_id}:{stage_id}")
    (_, _, [orphan]) = scene.store.transitions.run("look", job_id)
    scene.store.transitions.run("expire", job_id, stage_id, orphan[1], 3, '{"code":"worker_lost","message":"died"}')


def commits(scene: Scene, job_id: str, stage_id: str) -> int:
    found: Any = scene.store.redis.hget(f"{scene.store.prefix}:job:{job_id}:stage:{stage_id}", "commits")
    return int(found)
