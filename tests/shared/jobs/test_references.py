"""References: whatever happens in whatever order, a result has those of the jobs that keep their pictures."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import ConflictError, NotFoundError, PicturesGoneError
from shared.jobs.records import JobRecord
from shared.jobs.store import JobStore
from shared.leases import Lease, Leases
from tests.counting import STYLE_IMAGE
from tests.shared.jobs.submitting import submit
from tests.shared.leasing import BROKEN

ACTIONS = ("submit", "succeed", "fail", "cancel", "retry", "retire", "forget")
MOVES = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 2)), max_size=25)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_a_result_is_referred_to_by_every_job_that_keeps_its_pictures_and_by_no_other(
    store: JobStore, leases: Leases, moves: list[tuple[str, int]]
) -> None:
    store.redis.flushdb()
    jobs: list[JobRecord] = []

    for action, choice in moves:
        if action == "submit":
            jobs.append(submit(store, seed=choice))
        elif jobs:
            act(store, leases, action, jobs[choice % len(jobs)].id)

    known = [store.get(job.id) for job in jobs if store.redis.exists(f"{store.prefix}:job:{job.id}")]
    keys = {stage.key for job in jobs for stage in job.plan.stages}
    found = store.references.referrers([*keys, STYLE_IMAGE])
    keep = [job for job in known if job.pictures_gone_at is None]
    for key in keys:
        assert found[key] == {job.id for job in keep if key in {stage.key for stage in job.plan.stages}}
    assert found[STYLE_IMAGE] == {job.id for job in known}
    if not known:
        left = {str(key).rpartition(":")[2] for key in store.redis.scan_iter("*")}
        assert left <= {"sequence", "fence"}


def act(store: JobStore, leases: Leases, action: str, job_id: str) -> None:
    """One thing that may befall a job; what is refused is no error here."""
    try:
        if action in {"succeed", "fail"}:
            for stage_id in store.runnable(job_id):
                end(leases, job_id, stage_id, action)
        else:
            getattr(store, action)(job_id)
    except (ConflictError, NotFoundError, PicturesGoneError):
        return


def end(leases: Leases, job_id: str, stage_id: str, action: str) -> None:
    """Carry a stage out, or fail at it."""
    lease = leases.acquire(job_id, stage_id, "cpu0@here", "task")
    if not isinstance(lease, Lease):
        return
    if action == "succeed":
        leases.commit(lease, (), 1.0)
    else:
        leases.fail(lease, BROKEN, retry=False)
