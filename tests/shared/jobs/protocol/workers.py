"""What workers do to the jobs of the protocol's model, dead ones and late ones among them."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st
from hypothesis.stateful import rule

from shared.errors import LeaseLostError
from shared.jobs.status import JobStatus, StageStatus
from shared.leases import Lease, Refusal, Signal, UnitReport
from tests.shared.jobs.protocol.ledger import StageRef, ref
from tests.shared.jobs.protocol.model import BROKEN, LEASE, Model, one_of, orphan_of, some
from tests.shared.jobs.protocol.promises import Step, waits


class Workers(Model):
    """Each rule is one call of one worker, or a few of several."""

    @some("runnable")
    @rule(stages=one_of("runnable").map(lambda stage: [stage]) | st.runner().map(lambda model: model.runnable))
    def acquire(self, stages: Sequence[StageRef]) -> None:
        """Workers take a stage, or all, that want working on."""
        for stage in stages:
            self.hear_a_doorbell(stage)
            self.every_promise_is_kept()

    @some("jobs")
    @rule(stage=st.runner().flatmap(lambda model: st.sampled_from(model.ledger.stages)))
    def hear_a_doorbell(self, stage: StageRef) -> None:
        """In time, late or for nothing."""
        expected = refusal(self.step(stage[0]), stage[1])
        highest = max(self.ledger.nonces, default=0)
        nonce = f"nonce-{len(self.ledger.leases)}"
        lease = self.leases.acquire_as(nonce, *stage, "cpu0@here", "task")
        if expected is not None:
            assert lease is expected, f"{stage} was answered {lease} instead of {expected}"
            return
        assert isinstance(lease, Lease), f"{stage} was refused: {lease}"
        assert lease.token > highest
        assert lease.attempt == self.ledger.attempts[stage] + 1
        self.ledger.granted(lease, nonce)

    @some("held")
    @rule(lease=one_of("held"), progress=st.integers(0, 8), checkpoint=st.sampled_from([None, "c0", "c1"]))
    def record_unit(self, lease: Lease, progress: int, checkpoint: str | None) -> None:
        """A holder, late or not, has finished a unit."""
        signal = self.leases.record_unit(lease, UnitReport(progress / 9, checkpoint=checkpoint))
        job = self.seen[lease.job_id]
        expected = {True: Signal.CONTINUE, job.status is JobStatus.PAUSED: Signal.PAUSE, not job.open: Signal.CANCEL}
        assert signal is expected[True]
        stage = self.look()[lease.job_id].stages[lease.stage_id]
        assert stage.leased
        assert checkpoint is None or stage.fields["checkpoint"] == checkpoint

    @some("held")
    @rule(lease=one_of("held"), reused=st.booleans())
    def commit(self, lease: Lease, *, reused: bool) -> None:
        """A holder, late or not, is done."""
        started = self.leases.commit(lease, (), 1.0, reused=reused)
        self.ledger.committed(lease)
        job = self.look()[lease.job_id]
        needing = {stage.id for stage in self.ledger.plans[lease.job_id].stages if lease.stage_id in stage.needs}
        assert set(started) == needing & set(job.runnable)

    @some("held")
    @rule(lease=one_of("held"), for_good=st.booleans(), pause=st.booleans())
    def fail(self, lease: Lease, *, for_good: bool, pause: bool) -> None:
        """A holder's attempt goes wrong."""
        used_up = self.ledger.attempts[ref(lease)] >= LEASE.attempts
        outcome = (self.patient if pause else self.leases).fail(lease, BROKEN, retry=not for_good)
        assert outcome == ("failed" if for_good or used_up else "queued")
        self.ledger.ended(ref(lease))

    @some("held")
    @rule(lease=one_of("held"))
    def release(self, lease: Lease) -> None:
        """A holder gives its stage back; what it was told may hold no more."""
        job = self.seen[lease.job_id]
        expected = {True: "queued", job.status is JobStatus.PAUSED: "paused", not job.open: "canceled"}
        assert self.leases.release(lease) == expected[True]
        self.ledger.given_back(lease)

    @some("readers")
    @rule(lease=one_of("readers"), data=st.data())
    def reopen(self, lease: Lease, data: st.DataObject) -> None:
        """A holder finds that what it reads is gone."""
        needs = self.ledger.plans[lease.job_id].stage(lease.stage_id).needs
        gone = data.draw(st.lists(st.sampled_from(needs), min_size=1, unique=True))
        job = self.seen[lease.job_id]
        wanted = [(lease.job_id, name) for name in job.done.intersection(gone) if job.open]
        used_up = self.ledger.attempts[ref(lease)] >= LEASE.attempts
        used_up = used_up or any(self.ledger.reopenings[stage] >= LEASE.attempts for stage in wanted)
        self.leases.reopen(lease, BROKEN, gone)
        assert (self.look()[lease.job_id].stages[lease.stage_id].status is StageStatus.FAILED) == used_up
        self.ledger.ended(ref(lease))
        for stage in wanted if not used_up else ():
            self.ledger.reopened(stage)

    @some("held")
    @rule(lease=one_of("held"), late=st.booleans())
    def give_a_sign_of_life(self, lease: Lease, *, late: bool) -> None:
        """A holder renews its lease, or asks for it again, for the answer got lost; the reconciler comes too late."""
        if late:
            self.lose(lease)
        assert self.leases.renew(lease)
        with self.nothing_changes():
            again = self.leases.acquire_as(self.ledger.nonces[lease.token], *ref(lease), "cpu0@here", "task")
            assert isinstance(again, Lease)
            assert (again.token, again.attempt) == (lease.token, self.ledger.attempts[ref(lease)])
            assert self.leases.expire(orphan_of(lease)) == "held"

    @some("spent")
    @rule(
        lease=one_of("spent"),
        call=st.sampled_from(["renew", "record_unit", "commit", "fail", "release", "reopen", "expire"]),
    )
    def go_on_without_a_lease(self, lease: Lease, call: str) -> None:
        """A worker that lost its lease has not noticed, or a call of one that ended comes in twice."""
        with self.nothing_changes():
            answer = self.calls[call](lease)
            committed = call == "commit" and self.ledger.committers.get(ref(lease)) == lease
            assert answer == ("committed" if committed else "lost")

    @property
    def calls(self) -> dict[str, Callable[[Lease], str]]:
        """What the holder of a lease may call, each telling whether it was taken as the holder's."""

        def told(taken: object) -> str:
            return "taken" if taken else "lost"

        def commit(lease: Lease) -> str:
            try:
                self.leases.commit(lease, (), 1.0)
            except LeaseLostError:
                return "lost"
            return "committed"

        return {
            "renew": lambda lease: told(self.leases.renew(lease)),
            "record_unit": lambda lease: self.leases.record_unit(lease, UnitReport(0.5)).value,
            "commit": commit,
            "fail": lambda lease: self.leases.fail(lease, BROKEN, retry=True),
            "release": self.leases.release,
            "reopen": lambda lease: told(self.leases.reopen(lease, BROKEN, ["dream-00"])),
            "expire": lambda lease: self.leases.expire(orphan_of(lease)).replace("held", "lost"),
        }


def refusal(step: Step, stage_id: str) -> Refusal | None:
    """Why a stage may not be given out, None when it may."""
    job, stage = step.after, step.after.stages[stage_id]
    reasons = {
        Refusal.DONE: stage.status.done,
        Refusal.LEASED: stage.status is StageStatus.RUNNING,
        Refusal.JOB_OVER: not job.open,
        Refusal.PAUSED: job.status is JobStatus.PAUSED,
        Refusal.NOT_RUNNABLE: waits(step, stage_id),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
