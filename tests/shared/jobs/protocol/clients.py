"""What clients do to the jobs of the protocol's model: hand in, cancel, pause, resume, retry, and all of it twice."""

from collections.abc import Sequence
from contextlib import nullcontext

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from shared.errors import ConflictError
from shared.jobs.status import JobStatus
from tests.counting import counting_plan, counting_spec
from tests.shared.jobs.protocol.model import Model, one_of, some

LAYERS = ((4,), (4, 5))

OUTCOMES = {
    "pause": {
        JobStatus.QUEUED: {JobStatus.PAUSED},
        JobStatus.RUNNING: {JobStatus.PAUSED},
        JobStatus.PAUSED: {JobStatus.PAUSED},
    },
    "resume": {
        JobStatus.QUEUED: {JobStatus.QUEUED},
        JobStatus.RUNNING: {JobStatus.RUNNING},
        JobStatus.PAUSED: {JobStatus.QUEUED, JobStatus.RUNNING},
    },
    "retry": {
        JobStatus.QUEUED: {JobStatus.QUEUED},
        JobStatus.RUNNING: {JobStatus.RUNNING},
        JobStatus.PAUSED: {JobStatus.PAUSED},
        JobStatus.FAILED: {JobStatus.QUEUED, JobStatus.RUNNING},
    },
    "cancel": {
        JobStatus.QUEUED: {JobStatus.CANCELED},
        JobStatus.RUNNING: {JobStatus.CANCELED, JobStatus.CANCELING},
        JobStatus.PAUSED: {JobStatus.CANCELED, JobStatus.CANCELING},
        JobStatus.CANCELING: {JobStatus.CANCELING},
        JobStatus.CANCELED: {JobStatus.CANCELED},
    },
}
"""What a client may ask for, and what the job becomes by it; where nothing is said, it is a conflict."""


class Clients(Model):
    """Each rule is one request, or one request and its repetition."""

    @precondition(lambda self: not any(job.open for job in self.seen.values()))
    @rule(layers=st.sampled_from(LAYERS))
    def submit(self, layers: Sequence[int]) -> None:
        """A client hands in a job, one at a time: jobs share nothing but the tokens of their leases."""
        job_id = f"job_{len(self.jobs)}"
        spec = counting_spec(*layers, name=job_id)
        plan = counting_plan(spec)
        job, created = self.store.create(spec, plan, idempotency_key=job_id, job_id=job_id)
        assert (job.id, created, job.status) == (job_id, True, JobStatus.QUEUED)
        self.ledger.submitted(job_id, plan)
        self.seen = {**self.seen, job_id: self.look()[job_id]}

    @some("jobs")
    @rule(job_id=one_of("jobs"), how=st.sampled_from(["same id", "same key", "another spec"]))
    def submit_again(self, job_id: str, how: str) -> None:
        """The answer got lost, and the job is handed in once more; or a client takes a key for two things."""
        spec = counting_spec(name=how) if how == "another spec" else self.store.get(job_id).spec
        refused = pytest.raises(ConflictError) if how == "another spec" else nullcontext()
        with self.nothing_changes(), refused:
            plan, same_id = counting_plan(spec), job_id if how == "same id" else None
            job, created = self.store.create(spec, plan, idempotency_key=job_id, job_id=same_id)
            assert (job.id, created) == (job_id, how == "same id")

    @some("jobs")
    @rule(job_id=one_of("jobs"), verb=st.sampled_from(list(OUTCOMES)))
    def change(self, job_id: str, verb: str) -> None:
        """A client cancels, pauses, resumes or retries a job, and is heard twice."""
        before = self.seen[job_id]
        ask = getattr(self.store, verb)
        if before.status not in OUTCOMES[verb]:
            with self.nothing_changes(), pytest.raises(ConflictError):
                ask(job_id)
            return
        assert ask(job_id).status in OUTCOMES[verb][before.status]
        with self.nothing_changes():
            ask(job_id)
        if (verb, before.status) == ("retry", JobStatus.FAILED):
            self.ledger.taken_up(job_id, before.stages)

    @some("stopped")
    @rule(job_id=one_of("stopped"))
    def wake(self, job_id: str) -> None:
        """A client has a job go on that is paused or has failed."""
        self.change(job_id, "resume" if self.seen[job_id].status is JobStatus.PAUSED else "retry")
