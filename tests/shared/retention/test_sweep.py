"""Sweeps of real stores: what nobody needs goes, and nothing else."""

import os
from pathlib import Path

import pytest

from shared.errors import PicturesGoneError
from shared.jobs.status import JobStatus
from shared.retention.facts import Kind
from shared.retention.report import Report, report_of
from tests.counting import counting_plan, counting_spec
from tests.shared.leasing import BROKEN, short_leases
from tests.shared.retention.house import AT_ONCE, PICTURES_STAY, RECORDS_STAY, House


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


def test_what_earlier_holders_of_a_stage_left_goes_and_what_its_holder_has_stays(house: House) -> None:
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


def test_ages_are_told_by_the_clock_of_the_store(house: House, tmp_path: Path) -> None:
    house.artifacts.put("images/aa/old.png", b"old")
    path = tmp_path / "artifacts" / "images" / "aa" / "old.png"
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 500))

    (found,) = house.artifacts.files("images")

    assert (found.key, found.bytes, round(found.age_seconds, -1)) == ("images/aa/old.png", 3, 500)
