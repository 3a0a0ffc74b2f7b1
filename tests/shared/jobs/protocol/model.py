"""What the rules of the protocol's model share: the store, what is known of it, the check behind each move.

Time stands still: leases end because a rule deletes them, pauses because a rule rewrites them.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition

from shared.jobs.records import Failure
from shared.jobs.status import JobStatus
from shared.jobs.store import JobStore
from shared.leases import Lease, Leases, Orphan
from shared.settings import LeaseSettings
from tests.shared.jobs.protocol.ledger import Ledger, StageRef, ref
from tests.shared.jobs.protocol.obliging import bring_to_an_end
from tests.shared.jobs.protocol.promises import PROMISES, Step
from tests.shared.jobs.protocol.snapshot import Snapshot, snapshot

BROKEN = Failure(code="broken", message="it broke")
LEASE = LeaseSettings(seconds=3600, attempts=2, pause_seconds=0)
LONG_PAUSE = LEASE.model_copy(update={"pause_seconds": 3600})


class Model(RuleBasedStateMachine):
    """A store, what clients and workers were told of it, and how it looked behind the last move."""

    def __init__(self, store: JobStore) -> None:
        super().__init__()
        self.store = store
        self.leases = Leases(store.redis, store.prefix, LEASE)
        self.patient = Leases(store.redis, store.prefix, LONG_PAUSE)
        self.ledger = Ledger()
        self.seen: Snapshot = {}

    @property
    def jobs(self) -> list[str]:
        """All that were handed in."""
        return list(self.ledger.plans)

    @property
    def stopped(self) -> list[str]:
        """The jobs that only a client can wake."""
        return [name for name, job in self.seen.items() if job.status in {JobStatus.PAUSED, JobStatus.FAILED}]

    @property
    def runnable(self) -> list[StageRef]:
        """The stages that could start."""
        return [(job_id, name) for job_id, job in self.seen.items() for name in job.runnable]

    @property
    def resting(self) -> list[StageRef]:
        """The stages that rest after a failed attempt."""
        return [
            (job_id, name) for job_id, job in self.seen.items() for name, stage in job.stages.items() if stage.resting
        ]

    @property
    def held(self) -> list[Lease]:
        """The leases that hold."""
        return self.ledger.held

    @property
    def readers(self) -> list[Lease]:
        """Those of stages that read what others have made."""
        return [lease for lease in self.held if self.ledger.plans[lease.job_id].stage(lease.stage_id).needs]

    @property
    def spent(self) -> list[Lease]:
        """The leases that hold no more."""
        return self.ledger.spent

    @property
    def orphans(self) -> list[Orphan]:
        """The running stages whose lease is gone."""
        return [orphan for job in self.seen.values() for orphan in job.orphans]

    @invariant()
    def every_promise_is_kept(self) -> None:
        """Of each job, whichever was moved."""
        after = self.look()
        for job_id in after:
            for promise in PROMISES:
                promise(self.step(job_id, after))
        self.seen = after
        self.ledger.retried.clear()

    def teardown(self) -> None:
        """Every job ends, once workers and reconciler do what they should."""
        bring_to_an_end(self.store, self.leases, self.ledger)

    def look(self) -> Snapshot:
        """All jobs as they are now."""
        return snapshot(self.store, self.ledger.plans)

    def step(self, job_id: str, after: Snapshot | None = None) -> Step:
        """A job as it was seen last, beside how it is now."""
        return Step(job_id, self.seen[job_id], (after or self.seen)[job_id], self.ledger, LEASE.attempts)

    @contextmanager
    def nothing_changes(self) -> Generator[None]:
        """What is done inside leaves no trace at all."""
        before = self.look()
        yield
        assert self.look() == before

    def lose(self, lease: Lease) -> None:
        """A lease runs out."""
        self.store.redis.delete(f"{self.store.prefix}:lease:{lease.job_id}:{lease.stage_id}")


def one_of(what: str) -> st.SearchStrategy[Any]:
    """One of the things of that name which the model knows at this moment."""
    return st.runner().flatmap(lambda model: st.sampled_from(getattr(model, what)))


def some(what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Only while there are things of that name."""

    def known(model: Model) -> bool:
        things: Sequence[object] = getattr(model, what)
        return bool(things)

    return precondition(known)


def orphan_of(lease: Lease) -> Orphan:
    """A lease as the reconciler saw it."""
    return Orphan(*ref(lease), str(lease.token), "cpu0@here", "task", lease.attempt)
