"""How attempts end: buried, drained, canceled, paused, fenced or abandoned, and what is told of them."""

import time
from dataclasses import dataclass, replace
from typing import Any

import pytest

from shared.errors import SpecError
from shared.jobs.events import read_events
from shared.jobs.status import JobStatus, StageStatus
from shared.leases import Leases
from shared.plan.records import StageKind
from shared.settings import LeaseSettings
from tests.counting import CountingHandler, CountingWork
from tests.worker.scene import UNITS, Scene, at_unit, commits, lose_lease, raising
from worker.draining import Draining
from worker.work import StageContext


@dataclass(frozen=True)
class LivelyHandler(CountingHandler):
    """One unit takes a second, with a sign of life ten times."""

    def open(self, context: StageContext) -> CountingWork:
        """The work of the stage."""

        def breathe(_stage: str, unit: int) -> None:
            for _ in range(10 if unit == 1 else 0):
                time.sleep(0.1)
                context.alive()

        return CountingWork(replace(self, on_unit=breathe), context)


def test_a_poison_stage_is_tried_three_times_and_then_buried_with_the_reason(scene: Scene) -> None:
    job = scene.submit()
    scene.on_unit = raising(MemoryError("too large for this machine"), at=("dream-00", 1), times=99)

    for _ in range(5):
        for stage_id in scene.store.runnable(job.id):
            with pytest.raises(MemoryError):
                scene.runner().run(job.id, stage_id, "task")

    failed = scene.store.get(job.id)
    assert scene.units.count(("dream-00", 1)) == 3
    assert failed.status is JobStatus.FAILED
    assert failed.failure is not None
    assert failed.failure.code == "memory"
    assert failed.failure.message == "gave up after 3 attempts; the last: too large for this machine"
    dead_letter = scene.store.stage(job.id, "dream-00").failure
    assert dead_letter is not None
    assert "MemoryError: too large" in (dead_letter.traceback or "")
    assert (dead_letter.traceback_attempt, dead_letter.worker) == (3, "cpu0@here")


def test_what_is_refused_for_good_is_not_tried_again(scene: Scene) -> None:
    job = scene.submit()
    scene.on_unit = raising(SpecError("no such layer"), at=("dream-00", 0), times=99)

    with pytest.raises(SpecError):
        scene.runner().run(job.id, "dream-00", "task")

    assert scene.store.get(job.id).status is JobStatus.FAILED
    assert scene.store.stage(job.id, "dream-00").attempts == 1


def test_draining_puts_the_stage_away_and_another_worker_redoes_nothing(
    scene: Scene, undisturbed: dict[str, bytes]
) -> None:
    job = scene.submit()
    scene.on_unit = at_unit(1, scene.draining.ask_worker)

    scene.runner().run(job.id, "dream-00", "task")
    stage = scene.store.stage(job.id, "dream-00")
    scene.draining = Draining()
    scene.on_unit = lambda _stage, _unit: None
    scene.run_all(job.id)

    assert (stage.status, stage.attempts) == (StageStatus.QUEUED, 0)
    assert scene.rung[0] == "dream-00"
    assert [unit for name, unit in scene.units if name == "dream-00"] == [0, 1, 2, 3]
    assert scene.result_bytes(job.id) == undisturbed


def test_cancel_stops_a_running_stage_at_its_next_unit_and_cleans_up(scene: Scene) -> None:
    job = scene.submit()
    scene.on_unit = at_unit(1, lambda: scene.store.cancel(job.id))

    scene.runner().run(job.id, "dream-00", "task")

    assert [unit for _, unit in scene.units] == [0, 1]
    assert scene.store.get(job.id).status is JobStatus.CANCELED
    assert {stage.status for stage in scene.store.stages(job.id)} == {StageStatus.CANCELED}
    assert scene.leftovers() == []


def test_pause_puts_a_running_stage_away_and_resume_goes_on_from_there(
    scene: Scene, undisturbed: dict[str, bytes]
) -> None:
    job = scene.submit()
    scene.on_unit = at_unit(1, lambda: scene.store.pause(job.id))

    scene.runner().run(job.id, "dream-00", "task")
    paused = scene.store.stage(job.id, "dream-00")
    scene.on_unit = lambda _stage, _unit: None
    resumed = scene.store.resume(job.id)
    scene.run_all(job.id)

    assert paused.status is StageStatus.PAUSED
    assert resumed.status is JobStatus.RUNNING
    assert [unit for name, unit in scene.units if name == "dream-00"] == [0, 1, 2, 3]
    assert scene.result_bytes(job.id) == undisturbed


def test_an_owner_that_slept_too_long_commits_nothing(scene: Scene, undisturbed: dict[str, bytes]) -> None:
    job = scene.submit()

    def oversleep(stage: str, unit: int) -> None:
        if (stage, unit) == ("dream-00", 2):
            scene.on_unit = lambda _stage, _unit: None
            lose_lease(scene, job.id, "dream-00")
            scene.runner().run(job.id, "dream-00", "other task")

    scene.on_unit = oversleep
    scene.runner().run(job.id, "dream-00", "task")
    scene.run_all(job.id)

    assert commits(scene, job.id, "dream-00") == 1
    assert scene.result_bytes(job.id) == undisturbed
    assert scene.leftovers() == []


def test_an_owner_that_slept_through_its_last_unit_commits_nothing(scene: Scene) -> None:
    job = scene.submit()

    def oversleep(_stage: str, unit: int) -> None:
        if unit == UNITS - 1:
            scene.on_unit = lambda _stage, _unit: None
            lose_lease(scene, job.id, "dream-00")
            scene.runner().run(job.id, "dream-00", "other task")

    scene.on_unit = oversleep
    scene.runner().run(job.id, "dream-00", "task")

    assert commits(scene, job.id, "dream-00") == 1


def test_a_stage_that_stands_still_is_abandoned(scene: Scene) -> None:
    lease = LeaseSettings(seconds=0.4, stall_seconds=0.3, pause_seconds=0)
    settings = scene.settings.model_copy(update={"lease": lease})
    leases = Leases(scene.store.redis, scene.store.prefix, lease)
    job = scene.submit()
    scene.on_unit = at_unit(1, lambda: scene.abandoned.wait(5))

    scene.runner(settings=settings, leases=leases).run(job.id, "dream-00", "task")

    assert scene.abandoned.is_set()


def test_a_stage_that_gives_signs_of_life_in_a_long_unit_is_not_abandoned(scene: Scene) -> None:
    lease = LeaseSettings(seconds=0.4, stall_seconds=0.3, pause_seconds=0)
    settings = scene.settings.model_copy(update={"lease": lease})
    leases = Leases(scene.store.redis, scene.store.prefix, lease)
    job = scene.submit()
    handlers = dict.fromkeys(StageKind, LivelyHandler(UNITS))

    scene.runner(settings=settings, leases=leases, handlers=handlers).run(job.id, "dream-00", "task")

    assert not scene.abandoned.is_set()
    assert commits(scene, job.id, "dream-00") == 1


def test_flower_is_told_where_a_stage_stands(scene: Scene) -> None:
    job = scene.submit()

    scene.runner().run(job.id, "dream-00", "task")

    assert scene.told[0].startswith("25% | conv3_1 | unit 1/4 | ")
    assert scene.told[0].endswith(" s left")


def test_the_events_of_a_stage_tell_its_progress_and_its_jobs(scene: Scene) -> None:
    job = scene.submit()

    scene.runner().run(job.id, "dream-00", "task")

    events = read_events(scene.store.redis, scene.store.events_key(job.id))
    first = next(event for event in events if event.type in {"stage.progress", "stage.preview"})
    stage: Any = first.data["stage"]
    assert [event.type for event in events if event.type != "stage.preview"][:3] == [
        "job.created",
        "job.running",
        "stage.running",
    ]
    assert (stage["id"], stage["label"], stage["kind"], stage["progress"]) == ("dream-00", "conv3_1", "dream", 0.25)
    assert 0 < float(str(first.data["progress"])) < 0.25
