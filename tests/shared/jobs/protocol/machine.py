"""Clients, workers, a reconciler and time, doing what they may in any order: hypothesis' machine of the protocol."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

import time

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from shared.leases import Lease, Orphan
from tests.shared.jobs.protocol.clients import OUTCOMES, Clients
from tests.shared.jobs.protocol.ledger import StageRef
from tests.shared.jobs.protocol.model import LEASE, one_of, some
from tests.shared.jobs.protocol.workers import Workers

ENDINGS = ("commit", "fail", "release", "die")


class ProtocolMachine(Clients, Workers):
    """Every rule is one move of somebody; behind each, every promise is checked."""

    @initialize()
    def begin(self) -> None:
        """There is a job from the start, and several of its stages could run at once."""
        self.submit((4, 5))
        self.attempt(("job_0", "dream-00"), "commit")

    @some("runnable")
    @rule(stage=one_of("runnable"), ending=st.sampled_from(ENDINGS))
    def attempt(self, stage: StageRef, ending: str) -> None:
        """A worker takes a stage, and nothing else happens until the attempt is over."""
        self.acquire([stage])
        self.end(self.ledger.holders[stage], ending)
        self.every_promise_is_kept()

    @some("runnable")
    @rule(stage=one_of("runnable"), verb=st.sampled_from(list(OUTCOMES)), ending=st.sampled_from(ENDINGS))
    def interfere_at_the_last_stage(self, stage: StageRef, verb: str, ending: str) -> None:
        """Workers carry out what they can of a job, all but what nobody needs; then a client changes its mind."""
        job_id, _ = stage
        while runnable := self.seen[job_id].runnable:
            if not self.needed(job_id, runnable[-1]):
                self.acquire([(job_id, runnable[-1])])
                break
            self.attempt((job_id, runnable[-1]), "commit")
        self.change(job_id, verb)
        self.every_promise_is_kept()
        for lease in self.held[-1:]:
            self.end(lease, ending)

    @some("runnable")
    @rule()
    def take_up_before_others_notice(self) -> None:
        """A stage fails for good while others run, and a client takes its job up again at once."""
        self.acquire(self.runnable)
        self.fail(self.held[0], for_good=True, pause=False)
        self.every_promise_is_kept()
        for job_id in self.stopped[-1:]:
            self.wake(job_id)

    def needed(self, job_id: str, stage_id: str) -> bool:
        """Whether other stages read what this one makes."""
        return any(stage_id in stage.needs for stage in self.ledger.plans[job_id].stages)

    def end(self, lease: Lease, ending: str) -> None:
        """End an attempt in one of the ways there are."""
        if ending == "commit":
            self.commit(lease, reused=False)
        elif ending == "fail":
            self.fail(lease, for_good=False, pause=False)
        elif ending == "release":
            self.release(lease)
        else:
            self.lose(lease)
            self.every_promise_is_kept()
            self.expire(*(orphan for orphan in self.orphans if orphan.token == str(lease.token)))

    @some("held")
    @rule(lease=one_of("held"))
    def lose_lease(self, lease: Lease) -> None:
        """A lease runs out; its holder may be dead, or late."""
        self.lose(lease)

    @some("orphans")
    @rule(orphan=one_of("orphans"))
    def expire(self, orphan: Orphan) -> None:
        """The reconciler takes a stage from its holder."""
        stage = (orphan.job_id, orphan.stage_id)
        used_up = self.seen[orphan.job_id].open and self.ledger.attempts[stage] >= LEASE.attempts
        assert self.leases.expire(orphan) == ("failed" if used_up else "queued")
        self.ledger.ended(stage)

    @some("resting")
    @rule(stage=one_of("resting"))
    def end_of_pause(self, stage: StageRef) -> None:
        """The pause after a failed attempt is over."""
        self.store.redis.hset(f"{self.store.prefix}:job:{stage[0]}:stage:{stage[1]}", "not_before", 0)

    @rule()
    def lose_last_write(self) -> None:
        """Redis forgets which fencing token it gave out last; its clock goes on."""
        self.store.redis.delete(f"{self.store.prefix}:fence")
        time.sleep(0.002)
