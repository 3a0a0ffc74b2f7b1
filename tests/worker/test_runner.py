"""The runner: stages resume, are reused, put away and retried, and end in the same bytes whatever happened."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from shared.artifacts.directory import DirectoryStore
from shared.errors import ArtifactStoreError, SpecError, StoreUnavailableError
from shared.jobs.events import read_events
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus, StageStatus
from shared.jobs.store import JobStore, open_store
from shared.leases import Leases
from shared.plan.records import StageKind
from shared.settings import LeaseSettings, RedisSettings, Settings
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


@pytest.fixture
def scene(redis_url: str, tmp_path: Path) -> Iterator[Scene]:
    lease = LeaseSettings(seconds=2, attempts=3, pause_seconds=0)
    settings = Settings(redis=RedisSettings(url=redis_url), lease=lease)
    store = open_store(settings)
    yield Scene(store, Leases(store.redis, store.prefix, lease), DirectoryStore(tmp_path / "artifacts"), settings)
    store.redis.close()


@pytest.fixture
def undisturbed(scene: Scene) -> dict[str, bytes]:
    """What a job makes that nothing happens to; its results are gone again, so that later jobs make their own."""
    job = scene.submit()
    scene.run_all(job.id)
    made = scene.result_bytes(job.id)
    for key in list(scene.artifacts.keys("stages")):
        scene.artifacts.delete(key)
    scene.units.clear()
    scene.rung.clear()
    return made


def raising(error: BaseException, at: tuple[str, int], times: int = 1) -> Callable[[str, int], None]:
    left = iter(range(times))

    def on_unit(stage: str, unit: int) -> None:
        if (stage, unit) == at and next(left, None) is not None:
            raise error

    return on_unit


def lose_lease(scene: Scene, job_id: str, stage_id: str) -> None:
    """What the reconciler does once a dead worker's lease has run out."""
    scene.store.redis.delete(f"{scene.store.prefix}:lease:{job_id}:{stage_id}")
    (_, _, [orphan]) = scene.store.transitions.run("look", job_id)
    scene.store.transitions.run("expire", job_id, stage_id, orphan[1], 3, '{"code":"worker_lost","message":"died"}')


def test_a_job_runs_from_its_first_stage_to_its_animation(scene: Scene) -> None:
    job = scene.submit()

    scene.run_all(job.id)

    assert scene.store.get(job.id).status is JobStatus.SUCCEEDED
    assert {stage.status for stage in scene.store.stages(job.id)} == {StageStatus.SUCCEEDED}
    assert scene.rung == ["dream-01", "style-00", "style-01", "animate"]
    assert scene.leftovers() == []


def test_an_exception_in_the_middle_redoes_no_finished_unit_and_changes_no_byte(
    scene: Scene, undisturbed: dict[str, bytes]
) -> None:
    job = scene.submit()
    scene.on_unit = raising(OSError("unplugged"), at=("dream-00", 2))

    with pytest.raises(OSError, match="unplugged"):
        scene.runner().run(job.id, "dream-00", "task")
    scene.run_all(job.id)

    assert [unit for stage, unit in scene.units if stage == "dream-00"] == [0, 1, 2, 2, 3]
    assert scene.result_bytes(job.id) == undisturbed
    assert scene.store.stage(job.id, "dream-00").attempts == 2
    assert scene.leftovers() == []


@pytest.mark.parametrize("unit", range(UNITS))
def test_a_worker_killed_in_a_unit_costs_that_unit_and_changes_no_byte(
    scene: Scene, undisturbed: dict[str, bytes], unit: int
) -> None:
    job = scene.submit()
    scene.on_unit = raising(Killed(), at=("dream-00", unit))

    with pytest.raises(Killed):
        scene.runner().run(job.id, "dream-00", "task")
    lose_lease(scene, job.id, "dream-00")
    scene.run_all(job.id)

    assert scene.units.count(("dream-00", unit)) == 2
    assert len([stage for stage, _ in scene.units if stage == "dream-00"]) == UNITS + 1
    assert scene.result_bytes(job.id) == undisturbed


class DyingArtifacts(DirectoryStore):
    """Dies right behind writing a file of that name."""

    def __init__(self, root: Path, behind: str) -> None:
        super().__init__(root)
        self.behind = behind

    def put(self, key: str, data: bytes) -> None:
        """Write, unless it is this one's part to fail."""
        super().put(key, data)
        if key.endswith(self.behind):
            raise Killed


@pytest.mark.parametrize("behind", ["frame.npy", "frame.png", "result.json", ".npz"])
def test_a_worker_killed_behind_any_file_that_it_writes_leaves_a_stage_that_commits_once(
    scene: Scene, undisturbed: dict[str, bytes], behind: str
) -> None:
    job = scene.submit()

    with pytest.raises(Killed):
        scene.runner(artifacts=DyingArtifacts(scene.artifacts.root, behind)).run(job.id, "dream-00", "task")
    lose_lease(scene, job.id, "dream-00")
    scene.run_all(job.id)

    assert commits(scene, job.id, "dream-00") == 1
    assert scene.result_bytes(job.id) == undisturbed
    assert scene.leftovers() == []


def test_a_worker_killed_between_commit_and_dispatch_leaves_the_next_stages_runnable(
    scene: Scene, undisturbed: dict[str, bytes]
) -> None:
    job = scene.submit()

    def die(_job_id: str, _stage_ids: Sequence[str]) -> None:
        raise Killed

    with pytest.raises(Killed):
        scene.runner(dispatch=die).run(job.id, "dream-00", "task")

    assert scene.store.runnable(job.id) == ("dream-01", "style-00")
    scene.run_all(job.id)
    assert scene.result_bytes(job.id) == undisturbed


def test_a_broker_that_is_away_leaves_ringing_to_the_reconciler(scene: Scene) -> None:
    job = scene.submit()

    def refuse(_job_id: str, _stage_ids: Sequence[str]) -> None:
        raise StoreUnavailableError("the broker does not answer")

    scene.runner(dispatch=refuse).run(job.id, "dream-00", "task")

    assert scene.store.stage(job.id, "dream-00").status is StageStatus.SUCCEEDED


def test_a_stage_run_a_second_time_does_nothing(scene: Scene) -> None:
    job = scene.submit()
    scene.runner().run(job.id, "dream-00", "task")
    scene.units.clear()

    scene.runner().run(job.id, "dream-00", "task")

    assert scene.units == []
    assert commits(scene, job.id, "dream-00") == 1


def test_a_second_job_with_the_same_beginning_reuses_its_results(scene: Scene) -> None:
    first, second = scene.submit(4, 5), scene.submit(4, 5)
    scene.run_all(first.id)
    scene.units.clear()

    scene.run_all(second.id)

    assert scene.units == []
    assert {stage.status for stage in scene.store.stages(second.id)} == {StageStatus.REUSED}
    assert scene.result_bytes(second.id) == scene.result_bytes(first.id)


def test_a_damaged_result_is_made_again(scene: Scene, undisturbed: dict[str, bytes]) -> None:
    first, second = scene.submit(), scene.submit()
    scene.run_all(first.id)
    frame = next(key for key in scene.artifacts.keys("stages") if key.endswith("frame.npy"))
    scene.artifacts.put(frame, b"half")

    scene.run_all(second.id)

    assert scene.result_bytes(second.id) == undisturbed


@pytest.mark.parametrize("damage", [b"", b"half", b'{"done": 1}'])
def test_a_damaged_checkpoint_costs_work_but_not_the_stage(
    scene: Scene, undisturbed: dict[str, bytes], damage: bytes
) -> None:
    job = scene.submit()
    scene.on_unit = raising(OSError("unplugged"), at=("dream-00", 2))
    with pytest.raises(OSError, match="unplugged"):
        scene.runner().run(job.id, "dream-00", "task")
    scene.artifacts.put(scene.store.stage(job.id, "dream-00").checkpoint or "", damage)

    scene.run_all(job.id)

    assert [unit for stage, unit in scene.units if stage == "dream-00"] == [0, 1, 2, 0, 1, 2, 3]
    assert scene.result_bytes(job.id) == undisturbed


def test_a_missing_checkpoint_costs_work_but_not_the_stage(scene: Scene, undisturbed: dict[str, bytes]) -> None:
    job = scene.submit()
    scene.on_unit = raising(OSError("unplugged"), at=("dream-00", 2))
    with pytest.raises(OSError, match="unplugged"):
        scene.runner().run(job.id, "dream-00", "task")
    scene.artifacts.delete(scene.store.stage(job.id, "dream-00").checkpoint or "")

    scene.run_all(job.id)

    assert scene.result_bytes(job.id) == undisturbed


class FullArtifacts(DirectoryStore):
    """Has no room for checkpoints."""

    def put(self, key: str, data: bytes) -> None:
        """Write, unless it is this one's part to fail."""
        if key.startswith("checkpoints/"):
            raise ArtifactStoreError(f"cannot write {key}: no space left on device")
        super().put(key, data)


def test_no_room_for_checkpoints_does_not_stop_a_stage(scene: Scene, undisturbed: dict[str, bytes]) -> None:
    job = scene.submit()

    scene.runner(artifacts=FullArtifacts(scene.artifacts.root)).run(job.id, "dream-00", "task")
    scene.run_all(job.id)

    assert scene.result_bytes(job.id) == undisturbed


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
    assert "MemoryError: too large" in (failed.failure.traceback or "")


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
    scene.on_unit = lambda _stage, unit: scene.draining.ask_worker() if unit == 1 else None

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
    scene.on_unit = lambda _stage, unit: scene.store.cancel(job.id) and None if unit == 1 else None

    scene.runner().run(job.id, "dream-00", "task")

    assert [unit for _, unit in scene.units] == [0, 1]
    assert scene.store.get(job.id).status is JobStatus.CANCELED
    assert {stage.status for stage in scene.store.stages(job.id)} == {StageStatus.CANCELED}
    assert scene.leftovers() == []


def test_pause_puts_a_running_stage_away_and_resume_goes_on_from_there(
    scene: Scene, undisturbed: dict[str, bytes]
) -> None:
    job = scene.submit()
    scene.on_unit = lambda _stage, unit: scene.store.pause(job.id) and None if unit == 1 else None

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
    scene.on_unit = lambda _stage, unit: scene.abandoned.wait(5) and None if unit == 1 else None

    scene.runner(settings=settings, leases=leases).run(job.id, "dream-00", "task")

    assert scene.abandoned.is_set()


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


def commits(scene: Scene, job_id: str, stage_id: str) -> int:
    found: Any = scene.store.redis.hget(f"{scene.store.prefix}:job:{job_id}:stage:{stage_id}", "commits")
    return int(found)
