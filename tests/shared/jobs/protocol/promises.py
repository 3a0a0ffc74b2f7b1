"""What the protocol promises of a job, whatever has happened: one function for each promise."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.jobs.status import JOB_MOVES, STAGE_MOVES, JobStatus, StageStatus
from tests.shared.jobs.protocol.ledger import Ledger
from tests.shared.jobs.protocol.snapshot import JobSnapshot


@dataclass(frozen=True)
class Step:
    """A job behind one move of anybody, and before it."""

    job_id: str
    before: JobSnapshot
    after: JobSnapshot
    ledger: Ledger
    attempts_allowed: int


Promise = Callable[[Step], None]


def a_job_moves_only_as_the_table_allows(step: Step) -> None:
    was, now = step.before.status, step.after.status
    assert was is now or now in JOB_MOVES[was], f"{step.job_id} went from {was} to {now}"


def a_stage_moves_only_as_the_table_allows(step: Step) -> None:
    for name, stage in step.after.stages.items():
        was, now = step.before.stages[name].status, stage.status
        assert was is now or now in STAGE_MOVES[was], f"{name} went from {was} to {now}"


def a_job_that_has_ended_changes_only_by_retry(step: Step) -> None:
    assert step.before.status is step.after.status or not step.before.status.final or step.job_id in step.ledger.retried


def no_stage_commits_twice_for_one_opening(step: Step) -> None:
    for name, stage in step.after.stages.items():
        made = step.ledger.openings[step.job_id, name] - (not stage.status.done)
        assert stage.number("commits") == made, (
            f"{name} was committed {stage.number('commits')} times instead of {made}"
        )


def what_is_done_was_committed_by_a_holder(step: Step) -> None:
    for name, stage in step.after.stages.items():
        committer = step.ledger.committers.get((step.job_id, name))
        assert stage.status.done == (committer is not None), f"{name} is {stage.status}, committed by {committer}"
        assert stage.fields.get("committed_by", "") == (str(committer.token) if committer else ""), name


def a_running_stage_has_the_holder_that_was_told_so(step: Step) -> None:
    for name, stage in step.after.stages.items():
        holder = step.ledger.holders.get((step.job_id, name))
        assert (stage.status is StageStatus.RUNNING) == (holder is not None), (
            f"{name} is {stage.status}, holder {holder}"
        )
        assert stage.fields.get("token", "") == (str(holder.token) if holder else ""), name
        assert holder or not stage.leased, f"nobody holds {name}, and it is leased"


def attempts_are_counted_and_never_exceed_the_limit(step: Step) -> None:
    for name, stage in step.after.stages.items():
        counted = step.ledger.attempts[step.job_id, name]
        assert stage.number("attempts") == counted, f"{name} has {stage.number('attempts')} attempts, not {counted}"
        assert 0 <= counted <= step.attempts_allowed, f"{name} has {counted} attempts"


def no_stage_is_lost(step: Step) -> None:
    """Each stage of an open job is done, or somebody or something will move it on."""
    job = step.after
    for name, stage in job.stages.items():
        taken_care_of = {
            StageStatus.QUEUED: name in job.runnable or job.status is JobStatus.PAUSED or waits(step, name),
            StageStatus.RUNNING: stage.leased or name in {orphan.stage_id for orphan in job.orphans},
            StageStatus.PAUSED: job.status is JobStatus.PAUSED,
        }
        assert not job.open or stage.status.done or taken_care_of.get(stage.status, False), f"{name} is lost: {stage}"
        assert stage.status is not StageStatus.RUNNING or taken_care_of[StageStatus.RUNNING], f"{name} has no holder"
        assert stage.status is not StageStatus.RUNNING or job.active, f"nobody would miss the holder of {name}"


def waits(step: Step, name: str) -> bool:
    """Whether a queued stage is kept waiting by its own pause or by a stage that is still to be made."""
    needs = step.ledger.plans[step.job_id].stage(name).needs
    return step.after.stages[name].resting or not step.after.done.issuperset(needs)


def nothing_starts_that_may_not(step: Step) -> None:
    job = step.after
    for name in job.runnable:
        assert job.status in {JobStatus.QUEUED, JobStatus.RUNNING}, f"{name} could start in a job that is {job.status}"
        assert job.stages[name].status is StageStatus.QUEUED
        assert not waits(step, name), f"{name} could start too early"


def counters_agree_with_the_stages(step: Step) -> None:
    job, plan = step.after, step.ledger.plans[step.job_id]
    assert int(job.fields["stages_done"]) == len(job.done)
    for stage in plan.stages:
        waiting = sum(needed not in job.done for needed in stage.needs)
        assert job.stages[stage.id].number("waiting") == waiting, f"{stage.id} waits for {waiting} stages"


def indexes_agree_with_the_job(step: Step) -> None:
    job = step.after
    assert job.indexes == (job.status,)
    assert job.active == (not job.status.final or bool(job.running))
    assert job.counted == (job.status in {JobStatus.QUEUED, JobStatus.RUNNING})


def a_job_stands_where_its_stages_do(step: Step) -> None:
    job = step.after
    statuses = {stage.status for stage in job.stages.values()}
    complete = len(job.done) == len(job.stages)
    assert complete == (job.status is JobStatus.SUCCEEDED) or (complete and job.status is JobStatus.CANCELED)
    assert (job.status is JobStatus.FAILED) == bool(job.fields.get("failure"))
    assert job.status is not JobStatus.FAILED or StageStatus.FAILED in statuses
    assert job.status not in {JobStatus.QUEUED, JobStatus.CANCELED} or not job.running
    assert job.status is not JobStatus.CANCELING or job.running
    assert job.open or not statuses & {StageStatus.QUEUED, StageStatus.PAUSED}


def progress_is_the_work_done(step: Step) -> None:
    job, plan = step.after, step.ledger.plans[step.job_id]
    done = sum(stage.work * job.stages[stage.id].progress for stage in plan.stages)
    assert float(job.fields["worked"]) == pytest.approx(done, abs=1e-6 * plan.work)
    assert all(0 <= stage.progress <= 1 for stage in job.stages.values())
    assert all(job.stages[name].progress == 1 for name in job.done)


def times_are_told_of_what_began_and_ended(step: Step) -> None:
    job = step.after
    assert job.status.final == bool(job.fields["finished_at"])
    for name, stage in job.stages.items():
        ended = stage.status.done or stage.status in {StageStatus.FAILED, StageStatus.CANCELED}
        assert ended == bool(stage.fields.get("finished_at")), f"{name} is {stage.status}"
        began = stage.status is StageStatus.RUNNING or stage.status.done
        assert not began or stage.fields.get("started_at"), f"{name} is {stage.status} and never began"


def whatever_changes_is_told(step: Step) -> None:
    changed = sum(stage.status is not step.before.stages[name].status for name, stage in step.after.stages.items())
    changed += step.before.status is not step.after.status
    told = step.after.events - step.before.events
    assert told >= changed, f"{told} events tell of {changed} changes"


PROMISES: tuple[Promise, ...] = (
    a_job_moves_only_as_the_table_allows,
    a_stage_moves_only_as_the_table_allows,
    a_job_that_has_ended_changes_only_by_retry,
    no_stage_commits_twice_for_one_opening,
    what_is_done_was_committed_by_a_holder,
    a_running_stage_has_the_holder_that_was_told_so,
    attempts_are_counted_and_never_exceed_the_limit,
    no_stage_is_lost,
    nothing_starts_that_may_not,
    counters_agree_with_the_stages,
    indexes_agree_with_the_job,
    a_job_stands_where_its_stages_do,
    progress_is_the_work_done,
    times_are_told_of_what_began_and_ended,
    whatever_changes_is_told,
)
