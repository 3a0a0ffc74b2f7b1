"""Sweeps of real stores: what nobody needs goes, and whoever comes to need it in time keeps it."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from shared.artifacts.address import open_artifacts
from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactStoreError, ConflictError, NotFoundError, PicturesGoneError
from shared.images import image_key
from shared.jobs.records import ArtifactRef, JobRecord
from shared.jobs.status import JobStatus, StageStatus
from shared.jobs.store import JobStore
from shared.leases import Lease, UnitReport
from shared.results import RESULT, result_folder
from shared.retention.facts import Kind
from shared.retention.report import Report, report_of
from shared.retention.sweep import Sweeper
from shared.settings import RetentionSettings
from tests.bucket import Bucket
from tests.counting import STYLE_IMAGE, counting_plan, counting_spec
from tests.shared.leasing import BROKEN, short_leases

AT_ONCE = RetentionSettings(
    leftovers_seconds=0, artifacts_seconds=0, records_seconds=0, images_seconds=0, quarantine_seconds=0
)
RECORDS_STAY = AT_ONCE.model_copy(update={"records_seconds": 3600.0})
PICTURES_STAY = RECORDS_STAY.model_copy(update={"artifacts_seconds": 3600.0})


@dataclass
class House:
    """A job store, an artifact store and what is done in them by hand."""

    store: JobStore
    artifacts: ArtifactStore

    def submit(self, seed: int = 7) -> JobRecord:
        """A job of three stages, with its image uploaded."""
        self.artifacts.put(image_key(STYLE_IMAGE), b"image")
        spec = counting_spec(4, seed=seed)
        return self.store.create(spec, counting_plan(spec), idempotency_key=f"key-{seed}")[0]

    def take(self, job: JobRecord, stage_id: str) -> Lease:
        """Take a stage."""
        lease = short_leases(self.store).acquire(job.id, stage_id, "cpu0@here", "task")
        assert isinstance(lease, Lease), lease
        return lease

    def put_away(self, lease: Lease) -> tuple[str, str]:
        """Leave a checkpoint and a preview, as a worker does."""
        keys = tuple(
            f"{kind}/{lease.job_id}/{lease.stage_id}/{lease.token}-0.x" for kind in ("checkpoints", "previews")
        )
        for key in keys:
            self.artifacts.put(key, b"unfinished")
        short_leases(self.store).record_unit(lease, UnitReport(0.5, checkpoint=keys[0], preview=keys[1]))
        return keys[0], keys[1]

    def finish(self, job: JobRecord) -> None:
        """Make all results and commit them."""
        for stage in job.plan.stages:
            lease = self.take(job, stage.id)
            folder = result_folder(stage.key)
            for name in ("frame.npy", RESULT):
                self.artifacts.put(folder + name, b"result")
            refs = (ArtifactRef(name="frame.npy", key=folder + "frame.npy", sha256="", bytes=6, media_type="x/y"),)
            short_leases(self.store).commit(lease, refs, 1.0)

    def sweep(self, keep: RetentionSettings = AT_ONCE) -> Report:
        """Remove what is no longer kept."""
        return self.sweeper(keep).sweep()

    def sweeper(self, keep: RetentionSettings = AT_ONCE) -> Sweeper:
        """One who sweeps here."""
        return Sweeper(self.store, self.artifacts, keep)

    def keys(self, *folders: str) -> list[str]:
        """What lies in some folders, by default all there is."""
        return [key for folder in folders or ("",) for key in self.artifacts.keys(folder)]

    def redis_keys(self) -> set[str]:
        """The keys in Redis that tell of jobs."""
        found: set[str] = set(map(str, self.store.redis.scan_iter(f"{self.store.prefix}:*")))
        return found - {f"{self.store.prefix}:sequence", f"{self.store.prefix}:fence"}


def in_folder(path: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[ArtifactStore]:
    yield open_artifacts(str(path / "artifacts"))


def in_bucket(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArtifactStore]:
    bucket = Bucket(path)
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    bucket.start()
    yield open_artifacts(bucket.url)
    bucket.kill()


@pytest.fixture
def house(store: JobStore, tmp_path: Path) -> House:
    return House(store, open_artifacts(str(tmp_path / "artifacts")))


@pytest.fixture(params=[in_folder, in_bucket])
def any_house(
    store: JobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[House]:
    """One house in a folder, one in a bucket."""
    opened = request.param(tmp_path, monkeypatch)
    yield House(store, next(opened))
    next(opened, None)


def test_of_an_ended_job_first_the_pictures_go_then_everything(any_house: House) -> None:
    job = any_house.submit()
    any_house.finish(job)

    any_house.sweep(PICTURES_STAY)
    kept = any_house.keys("stages")
    any_house.sweep(RECORDS_STAY)
    parted = any_house.store.get(job.id)
    any_house.sweep()

    assert len(kept) == 2 * len(job.plan.stages)
    assert (parted.status, parted.pictures_gone_at is not None) == (JobStatus.SUCCEEDED, True)
    assert any_house.redis_keys() == set()
    assert any_house.keys() == []


def test_a_job_that_has_not_ended_keeps_everything(any_house: House) -> None:
    job = any_house.submit()
    leftover = any_house.put_away(any_house.take(job, "dream-00"))
    before = any_house.redis_keys()

    report = any_house.sweep()

    assert report == Report()
    assert set(leftover) < set(any_house.keys())
    assert any_house.redis_keys() == before


def test_a_dry_run_tells_what_a_sweep_then_removes_and_removes_nothing(any_house: House) -> None:
    any_house.finish(any_house.submit())
    any_house.artifacts.put("quarantine/stages/aa/x", b"damaged")
    before = (any_house.keys(), any_house.redis_keys())

    told = report_of(any_house.sweeper().decide())

    assert (any_house.keys(), any_house.redis_keys()) == before
    assert any_house.sweep() == told
    assert {line.kind for line in told.lines} == {Kind.ARTIFACTS, Kind.IMAGES, Kind.QUARANTINE, Kind.RECORDS}
    assert sum(line.bytes for line in told.lines if line.kind is Kind.ARTIFACTS) == 3 * 2 * len(b"result")
    assert any_house.sweep() == Report()


def test_two_jobs_share_their_results_until_the_last_is_parted_from_them(house: House) -> None:
    first, second = house.submit(), house.submit(seed=7)
    assert second.id == first.id
    spec = counting_spec(4)
    running = house.store.create(spec, counting_plan(spec))[0]
    house.finish(first)

    house.sweep(RECORDS_STAY)
    shared = house.keys("stages")
    house.store.cancel(running.id)
    house.sweep(RECORDS_STAY)

    assert len(shared) == 2 * len(first.plan.stages)
    assert house.keys("stages") == []


def test_what_earlier_owners_of_a_stage_left_goes_and_what_its_owner_has_stays(house: House) -> None:
    job = house.submit()
    first = house.take(job, "dream-00")
    dead = house.put_away(first)
    short_leases(house.store).fail(first, BROKEN, retry=True)
    second = house.take(job, "dream-00")
    unrecorded = f"checkpoints/{job.id}/dream-00/{second.token}-7.x"
    house.artifacts.put(unrecorded, b"not yet recorded")

    house.sweep()
    taken_up = house.keys("checkpoints")
    mine = house.put_away(second)
    house.sweep()

    assert taken_up == sorted([dead[0], unrecorded])
    assert house.keys("checkpoints", "previews") == [*sorted([mine[0], unrecorded]), mine[1]]


def test_a_failed_job_keeps_its_checkpoint_while_it_may_be_taken_up_again(house: House) -> None:
    job = house.submit()
    lease = house.take(job, "dream-00")
    leftovers = house.put_away(lease)
    short_leases(house.store).fail(lease, BROKEN, retry=False)

    house.sweep(PICTURES_STAY)
    kept = house.keys("checkpoints", "previews")
    house.sweep(RECORDS_STAY)

    assert kept == list(leftovers)
    assert house.keys("checkpoints", "previews") == []
    with pytest.raises(PicturesGoneError, match="submit it again"):
        house.store.retry(job.id)


def test_a_canceled_job_leaves_nothing_unfinished(house: House) -> None:
    job = house.submit()
    lease = house.take(job, "dream-00")
    house.put_away(lease)
    house.store.cancel(job.id)
    short_leases(house.store).release(lease)

    house.sweep(PICTURES_STAY)

    assert house.keys("checkpoints", "previews") == []


def test_half_written_files_go_and_folders_with_them(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "artifacts" / "stages" / "aa" / "aabb"
    folder.mkdir(parents=True)
    (folder / ".frame.npy.0a1b2c").write_bytes(b"half")

    young = house.sweep(AT_ONCE.model_copy(update={"leftovers_seconds": 60.0}))
    old = house.sweep()

    assert young == Report()
    assert [(line.kind, line.count, line.bytes) for line in old.lines] == [(Kind.HALF_WRITTEN, 1, 4)]
    assert list((tmp_path / "artifacts").iterdir()) == []


def test_what_is_not_ours_is_left_alone(house: House) -> None:
    house.artifacts.put("holiday/cat.jpg", b"cat")

    assert house.sweep() == Report()
    assert house.keys() == ["holiday/cat.jpg"]


def between(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], object]) -> None:
    """Have something happen just before a step of the next sweep."""
    step = getattr(Sweeper, name)
    left = iter([act])

    def interrupted(*given: Any) -> Any:
        for pending in left:
            pending()
        return step(*given)

    monkeypatch.setattr(Sweeper, name, interrupted)


def test_a_job_that_comes_while_its_results_are_chosen_to_go_finds_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = house.submit()
    house.finish(job)
    between(monkeypatch, "_remove_objects", lambda: house.submit(seed=8))
    spec = counting_spec(4)
    between(monkeypatch, "_remove_condemned", lambda: house.store.create(spec, counting_plan(spec)))

    house.sweep(RECORDS_STAY)

    assert len(house.keys("stages")) == 2 * len(job.plan.stages)


def test_a_stage_whose_result_is_being_removed_is_given_out_once_it_is_gone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.finish(house.submit())
    spec = counting_spec(4)
    seen: list[tuple[str, ...]] = []

    def come() -> None:
        later = house.store.create(spec, counting_plan(spec))[0]
        seen.append(house.store.runnable(later.id))
        seen.append((str(short_leases(house.store).acquire(later.id, "dream-00", "cpu0", "task")),))
        seen.append((later.id,))

    between(monkeypatch, "_delete", come)
    house.sweep(RECORDS_STAY)

    assert seen[:2] == [(), ("not_runnable",)]
    assert house.store.runnable(seen[2][0]) == ("dream-00",)
    assert house.keys("stages") == []


def test_an_image_that_is_named_in_time_stays_and_one_named_too_late_is_said_to_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "sha256:" + 64 * "6"
    for image in (STYLE_IMAGE, other):
        house.artifacts.put(image_key(image), b"image")
    between(monkeypatch, "_remove_objects", lambda: house.store.references.hold([STYLE_IMAGE]))
    refused: list[Exception] = []

    def too_late() -> None:
        with pytest.raises(ArtifactStoreError, match="is being removed just now") as caught:
            house.store.references.hold([STYLE_IMAGE, other])
        refused.append(caught.value)

    between(monkeypatch, "_delete", too_late)
    house.sweep()

    assert house.keys("images") == [image_key(STYLE_IMAGE)]
    assert len(refused) == 1
    house.store.references.hold([other])


def test_a_failed_job_that_is_taken_up_in_time_keeps_its_pictures(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = house.submit()
    short_leases(house.store).fail(house.take(job, "dream-00"), BROKEN, retry=False)
    sweeper = house.sweeper()
    decisions = sweeper.decide()

    def again() -> None:
        house.store.retry(job.id)
        time.sleep(0.002)
        short_leases(house.store).fail(house.take(job, "dream-00"), BROKEN, retry=False)

    monkeypatch.setattr(sweeper, "decide", lambda: (again(), decisions)[1])
    sweeper.sweep()

    assert house.store.get(job.id).pictures_gone_at is None


def test_a_sweep_that_fails_in_the_middle_is_finished_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.finish(house.submit())
    delete, left = type(house.artifacts).delete, iter(range(3))

    def failing(self: Any, key: str) -> None:
        if key.startswith("stages") and next(left, None) is None:
            raise ArtifactStoreError("the disk is away")
        delete(self, key)

    monkeypatch.setattr(type(house.artifacts), "delete", failing)
    with pytest.raises(ArtifactStoreError, match="away"):
        house.sweep()
    monkeypatch.undo()
    left_over = set(house.keys("stages"))
    # Meanwhile the objects are condemned; that runs out.
    for key in house.store.redis.scan_iter(f"{house.store.prefix}:sweep:*"):
        house.store.redis.delete(key)
    house.sweep()

    assert {key.replace(RESULT, "frame.npy") for key in left_over if key.endswith(RESULT)} < left_over
    assert house.keys() == []
    assert house.redis_keys() == set()


def test_a_store_too_slow_to_be_safe_is_asked_for_nothing_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.finish(house.submit())
    monkeypatch.setattr("shared.retention.sweep.BEGIN_SECONDS", -1)

    with pytest.raises(ArtifactStoreError, match="too slow"):
        house.sweep(RECORDS_STAY)

    assert len(house.keys("stages")) == 6


def test_a_sweep_that_is_stopped_leaves_the_rest_to_the_next(house: House) -> None:
    house.finish(house.submit())

    report = replace(house.sweeper(RECORDS_STAY), stop=lambda: True).sweep()

    assert report == Report()
    assert not [key for key in house.redis_keys() if ":sweep:" in key]
    assert len(house.keys("stages")) == 6


def test_an_ended_job_is_removed_at_once_with_what_only_it_refers_to(any_house: House) -> None:
    job, other = any_house.submit(), any_house.submit(seed=8)
    any_house.finish(job)
    any_house.finish(other)

    any_house.sweeper(PICTURES_STAY).remove(job.id)

    with pytest.raises(NotFoundError):
        any_house.store.get(job.id)
    assert any_house.keys("stages") == sorted(
        result_folder(stage.key) + name for stage in other.plan.stages for name in ("frame.npy", RESULT)
    )
    assert not [key for key in any_house.redis_keys() if job.id in key or key.endswith("key-7")]
    assert any_house.submit().id != job.id
    with pytest.raises(NotFoundError):
        any_house.sweeper().remove(job.id)


def test_a_job_that_runs_is_not_removed(house: House) -> None:
    job = house.submit()
    lease = house.take(job, "dream-00")
    house.store.cancel(job.id)

    with pytest.raises(ConflictError, match="is canceling"):
        house.sweeper().remove(job.id)

    assert house.store.stage(job.id, "dream-00").status is StageStatus.RUNNING
    assert short_leases(house.store).release(lease)
    house.sweeper().remove(job.id)


def test_a_worker_whose_job_was_removed_is_told_that_its_lease_is_lost(house: House) -> None:
    job = house.submit()
    lease = house.take(job, "dream-00")
    short_leases(house.store).fail(lease, BROKEN, retry=False)
    house.sweeper().remove(job.id)

    late = short_leases(house.store)

    assert late.record_unit(lease, UnitReport(0.5)) == "lost"
    assert str(late.acquire(job.id, "dream-00", "cpu0", "task")) == "not_found"
    assert house.redis_keys() <= {f"{house.store.prefix}:references:{STYLE_IMAGE}"}


def test_ages_are_told_by_the_clock_of_the_store(house: House, tmp_path: Path) -> None:
    house.artifacts.put("images/aa/old.png", b"old")
    path = tmp_path / "artifacts" / "images" / "aa" / "old.png"
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 500))

    (found,) = house.artifacts.files("images")

    assert (found.key, found.bytes, round(found.age_seconds, -1)) == ("images/aa/old.png", 3, 500)
