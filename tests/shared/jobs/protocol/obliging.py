"""Workers and a reconciler that do nothing but what they should, until every job has ended."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

from shared.jobs.status import JobStatus
from shared.jobs.store import JobStore
from shared.leases import Lease, Leases, Signal, UnitReport
from tests.shared.jobs.protocol.ledger import Ledger
from tests.shared.jobs.protocol.snapshot import JobSnapshot, snapshot


def bring_to_an_end(store: JobStore, leases: Leases, ledger: Ledger) -> None:
    """Every job ends within one round for each of its stages, besides one for what is under way."""
    for lease in ledger.held:
        if snapshot(store, ledger.plans)[lease.job_id].stages[lease.stage_id].leased:
            go_on(leases, lease)
    for job_id, plan in ledger.plans.items():
        rounds = 0
        while (job := snapshot(store, [job_id])[job_id]).active:
            assert rounds <= len(plan.stages), f"{job_id} does not end: {job}"
            rounds += 1
            move_on(store, leases, job_id, job)
        assert job.status.final, f"{job_id} was left behind: {job}"


def go_on(leases: Leases, lease: Lease) -> None:
    """A worker finishes its stage, or puts it away when it is told to."""
    if leases.record_unit(lease, UnitReport(0.5)) is Signal.CONTINUE:
        leases.commit(lease, (), 1.0)
    else:
        leases.release(lease)


def move_on(store: JobStore, leases: Leases, job_id: str, job: JobSnapshot) -> None:
    """One round: orphans are freed, pauses end, whatever could start is done."""
    for orphan in job.orphans:
        leases.expire(orphan)
    if job.status is JobStatus.PAUSED:
        store.resume(job_id)
    for name, stage in job.stages.items():
        if stage.resting:
            store.redis.hset(f"{store.prefix}:job:{job_id}:stage:{name}", "not_before", 0)
    for name in store.runnable(job_id):
        lease = leases.acquire(job_id, name, "cpu0@here", "task")
        assert isinstance(lease, Lease), f"{name} of {job_id} is runnable and refused: {lease}"
        leases.commit(lease, (), 1.0)
