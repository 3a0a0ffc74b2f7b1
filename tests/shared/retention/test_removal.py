"""Removal of one job at once, with what only it refers to."""

import pytest

from shared.errors import ConflictError, NotFoundError
from shared.jobs.status import StageStatus
from shared.leases import UnitReport
from shared.results import RESULT, result_folder
from tests.counting import STYLE_IMAGE
from tests.shared.leasing import BROKEN, short_leases
from tests.shared.retention.house import PICTURES_STAY, House


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
