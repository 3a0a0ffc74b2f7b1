"""What the model of the protocol remembers: who holds what, and what must have been counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.jobs.status import StageStatus
from shared.leases import Lease
from shared.plan.records import Plan
from tests.shared.jobs.protocol.snapshot import StageSnapshot

StageRef = tuple[str, str]


@dataclass
class Ledger:
    """Kept by the machine beside the store, from the answers that workers and clients were given.

    Attributes:
        plans: of every job, by its id.
        nonces: under which each lease was asked for, by its token.
        leases: all that were ever granted, in the order of granting.
        holders: the lease by which each running stage is held; its worker may be late, but nobody has followed it.
        committers: the lease that committed each finished stage.
        attempts: how many each stage has used up.
        openings: how often each stage was to be made.
        reopenings: how often its result was missed, since its job was taken in or taken up again.
        retried: the jobs that were taken up again by the move under way.
    """

    plans: dict[str, Plan] = field(default_factory=dict)
    nonces: dict[int, str] = field(default_factory=dict)
    leases: list[Lease] = field(default_factory=list)
    holders: dict[StageRef, Lease] = field(default_factory=dict)
    committers: dict[StageRef, Lease] = field(default_factory=dict)
    attempts: Counter[StageRef] = field(default_factory=Counter)
    openings: Counter[StageRef] = field(default_factory=Counter)
    reopenings: Counter[StageRef] = field(default_factory=Counter)
    retried: set[str] = field(default_factory=set)

    @property
    def stages(self) -> list[StageRef]:
        """Every stage of every job."""
        return [(job_id, stage.id) for job_id, plan in self.plans.items() for stage in plan.stages]

    @property
    def held(self) -> list[Lease]:
        """The leases that hold."""
        return list(self.holders.values())

    @property
    def spent(self) -> list[Lease]:
        """The leases that hold no more: given back, used up or taken away."""
        return [lease for lease in self.leases if self.holders.get(ref(lease)) != lease]

    def submitted(self, job_id: str, plan: Plan) -> None:
        """A job was taken in."""
        self.plans[job_id] = plan
        self.openings.update((job_id, stage.id) for stage in plan.stages)

    def granted(self, lease: Lease, nonce: str) -> None:
        """A stage was given out."""
        self.leases.append(lease)
        self.nonces[lease.token] = nonce
        self.holders[ref(lease)] = lease
        self.attempts[ref(lease)] += 1

    def ended(self, stage: StageRef) -> None:
        """An attempt is over; it counts."""
        del self.holders[stage]

    def given_back(self, lease: Lease) -> None:
        """An attempt is over and does not count."""
        self.ended(ref(lease))
        self.attempts[ref(lease)] -= 1

    def committed(self, lease: Lease) -> None:
        """An attempt has made the stage's result final."""
        self.ended(ref(lease))
        self.committers[ref(lease)] = lease

    def reopened(self, stage: StageRef) -> None:
        """A finished stage has to be made again."""
        del self.committers[stage]
        self.attempts[stage] = 0
        self.openings[stage] += 1
        self.reopenings[stage] += 1

    def taken_up(self, job_id: str, stages: Mapping[str, StageSnapshot]) -> None:
        """A failed job has all its attempts again."""
        self.retried.add(job_id)
        for stage_id, stage in stages.items():
            self.reopenings[job_id, stage_id] = 0
            if stage.status in {StageStatus.FAILED, StageStatus.CANCELED}:
                self.attempts[job_id, stage_id] = 0


def ref(lease: Lease) -> StageRef:
    """The stage that a lease is for."""
    return lease.job_id, lease.stage_id
