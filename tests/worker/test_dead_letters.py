"""What a failed attempt leaves to be read: the reason, its worker, the last traceback and the end of the log."""

import logging

import pytest

from shared.jobs.records import Failure, JobRecord
from shared.jobs.status import JobStatus
from shared.leases import Leases
from shared.settings import LeaseSettings
from tests.patience import wait_until
from tests.worker.scene import Killed, Scene, at_unit, lose_lease, raising

pytestmark = pytest.mark.usefixtures("_worker_logging")

STAGE = "dream-00"
LINE = "the brush has lost its hair"


def say(_stage: str = "", _unit: int = 0) -> None:
    logging.getLogger("others").warning(LINE)


def failure_of(scene: Scene, job: JobRecord) -> Failure:
    failure = scene.store.stage(job.id, STAGE).failure
    assert failure is not None
    return failure


def live_tail(scene: Scene, job: JobRecord) -> str:
    """The log's tail as the store has it while the stage runs."""
    return str(scene.store.redis.hget(f"{scene.store.prefix}:job:{job.id}:stage:{STAGE}", "log_tail"))


def say_and_break(_stage: str, _unit: int) -> None:
    say()
    raise OSError("unplugged")


def fail_once(scene: Scene, job: JobRecord) -> pytest.ExceptionInfo[OSError]:
    scene.on_unit = say_and_break
    with pytest.raises(OSError, match="unplugged") as caught:
        scene.runner().run(job.id, STAGE, "task")
    return caught


def die_once(scene: Scene, job: JobRecord) -> None:
    """Say something, live on until the store has it, and die."""

    def die(_stage: str, _unit: int) -> None:
        say()
        wait_until(lambda: LINE in live_tail(scene, job), "the line is in the store")
        raise Killed

    scene.on_unit = die
    with pytest.raises(Killed):
        scene.runner().run(job.id, STAGE, "task")
    lose_lease(scene, job.id, STAGE)


def test_an_exception_leaves_its_traceback_and_what_was_logged(scene: Scene) -> None:
    job = scene.submit()

    fail_once(scene, job)

    failure = failure_of(scene, job)
    assert (failure.code, failure.message, failure.worker, failure.attempt) == ("os", "unplugged", "cpu0@here", 1)
    assert failure.at is not None
    assert "in say_and_break" in (failure.traceback or "")
    assert failure.traceback_attempt == 1
    assert LINE in (failure.log_tail or "")


def test_whoever_gets_the_exception_finds_the_whole_account_in_its_notes(scene: Scene) -> None:
    job = scene.submit()

    caught = fail_once(scene, job)

    [note] = caught.value.__notes__
    assert "worker cpu0@here, attempt 1" in note
    assert "in say_and_break" in note
    assert LINE in note


def test_a_sudden_death_leaves_what_was_logged_before_it_and_no_traceback(scene: Scene) -> None:
    job = scene.submit()

    die_once(scene, job)

    failure = failure_of(scene, job)
    assert LINE in (failure.log_tail or "")
    assert (failure.traceback, failure.traceback_attempt) == (None, None)


def test_the_traceback_of_an_earlier_attempt_is_not_passed_off_as_the_last_ones(scene: Scene) -> None:
    job = scene.submit()
    fail_once(scene, job)

    die_once(scene, job)

    failure = failure_of(scene, job)
    assert scene.store.stage(job.id, STAGE).attempts == 2
    assert "unplugged" in (failure.traceback or "")
    assert failure.traceback_attempt == 1
    assert "Traceback of attempt 1" in failure.account


def test_what_an_earlier_attempt_logged_is_not_passed_off_as_the_last_ones(scene: Scene) -> None:
    job = scene.submit()
    fail_once(scene, job)

    scene.on_unit = raising(Killed(), at=(STAGE, 0))
    with pytest.raises(Killed):
        scene.runner().run(job.id, STAGE, "task")
    lose_lease(scene, job.id, STAGE)

    assert LINE not in (failure_of(scene, job).log_tail or "")


def test_a_stage_that_stands_still_leaves_where_it_stood(scene: Scene) -> None:
    lease = LeaseSettings(seconds=2, stall_seconds=1.0, pause_seconds=0)
    settings = scene.settings.model_copy(update={"lease": lease})
    leases = Leases(scene.store.redis, scene.store.prefix, lease)
    job = scene.submit()

    def stand_still() -> None:
        assert scene.abandoned.wait(5)
        raise Killed

    scene.on_unit = at_unit(1, stand_still)
    with pytest.raises(Killed):
        scene.runner(settings=settings, leases=leases).run(job.id, STAGE, "task")
    lose_lease(scene, job.id, STAGE)

    tail = failure_of(scene, job).log_tail or ""
    assert "no progress; the stage is given up" in tail
    assert "in stand_still" in tail


def test_a_stage_that_succeeds_after_all_has_no_failure(scene: Scene) -> None:
    job = scene.submit()
    fail_once(scene, job)
    scene.on_unit = lambda _stage, _unit: None

    scene.run_all(job.id)

    stage = scene.store.redis.hgetall(f"{scene.store.prefix}:job:{job.id}:stage:{STAGE}")
    assert isinstance(stage, dict)
    assert {stage[name] for name in ("failure", "failed_at", "log_tail", "traceback", "traceback_attempt")} == {""}


def test_retry_takes_a_dead_letter_up_with_all_attempts_and_a_clean_record(scene: Scene) -> None:
    job = scene.submit()
    for _ in range(3):
        fail_once(scene, job)
    buried = failure_of(scene, job)

    scene.store.retry(job.id)

    stage = scene.store.stage(job.id, STAGE)
    assert (buried.attempt, buried.message) == (3, "gave up after 3 attempts; the last: unplugged")
    assert (stage.attempts, stage.failure, scene.store.get(job.id).failure) == (0, None, None)
    die_once(scene, job)
    assert failure_of(scene, job).traceback is None
    scene.on_unit = lambda _stage, _unit: None
    scene.run_all(job.id)
    assert scene.store.get(job.id).status is JobStatus.SUCCEEDED
