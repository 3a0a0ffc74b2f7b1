"""The transitions as a whole: whatever happens in whatever order, a job keeps its promises."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import ConflictError
from shared.jobs.status import JOB_MOVES, JobStatus, StageStatus
from shared.jobs.store import JobStore
from shared.leases import Leases
from tests.shared.jobs.submitting import submit

ACTIONS = ("acquire", "commit", "fail", "retry_later", "release", "lose", "cancel", "pause", "resume", "retry")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(st.sampled_from(ACTIONS), max_size=30))
def test_whatever_happens_a_job_moves_only_as_the_table_allows(
    store: JobStore, leases: Leases, actions: list[str]
) -> None:
    job = submit(store)
    seen = [job.status]

    for action in actions:
        act(store, leases, job.id, action)
        seen.append(store.get(job.id).status)

    for before, after in itertools.pairwise(seen):
        assert before is after or after in JOB_MOVES[before]
    check_invariants(store, job.id)


def act(store: JobStore, leases: Leases, job_id: str, action: str) -> None:
    """One thing that may happen to a job; what is refused is no error here."""
    from_store = {"cancel": store.cancel, "pause": store.pause, "resume": store.resume, "retry": store.retry}
    try:
        if action in from_store:
            from_store[action](job_id)
        elif action == "acquire":
            for stage_id in store.runnable(job_id)[:1]:
                leases.acquire(job_id, stage_id, "cpu0@here", "task")
        else:
            for stage in store.stages(job_id):
                if stage.status is StageStatus.RUNNING:
                    end(store, leases, job_id, stage.id, action)
                    return
    except ConflictError:
        return


def end(store: JobStore, leases: Leases, job_id: str, stage_id: str, action: str) -> None:
    """End the attempt that runs."""
    failure = '{"code":"broken","message":"broken"}'
    token = str(store.redis.hget(f"{store.prefix}:job:{job_id}:stage:{stage_id}", "token"))
    run = store.transitions.run
    if action == "commit":
        run("commit", job_id, stage_id, token, "[]", 1.0, "succeeded")
    elif action == "release":
        run("release", job_id, stage_id, token)
    elif action == "lose":
        store.redis.delete(f"{store.prefix}:lease:{job_id}:{stage_id}")
        run("expire", job_id, stage_id, token, leases.settings.attempts, failure)
    else:
        run("fail", job_id, stage_id, token, failure, int(action == "retry_later"), leases.settings.attempts, 0)


def check_invariants(store: JobStore, job_id: str) -> None:
    job, stages = store.get(job_id), store.stages(job_id)
    done = {stage.id for stage in stages if stage.status.done}
    running = [stage for stage in stages if stage.status is StageStatus.RUNNING]
    assert job.stages_done == len(done)
    assert all(set(stage.needs) <= done for stage in stages if stage.id in done or stage in running)
    assert all(stage.attempts <= 2 for stage in stages)
    assert (job.status is JobStatus.SUCCEEDED) == (len(done) == len(stages) and job.status.final)
    assert (job_id in store.active()) == (not job.status.final or bool(running))
    assert job.status is not JobStatus.CANCELED or not running
    assert store.redis.zscore(f"{store.prefix}:jobs:{job.status.value}", job_id) is not None
