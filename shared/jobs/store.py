"""The job store: the one place that knows what is true of every job."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

import redis

from shared.equipment import Equipment
from shared.errors import ConflictError, NotFoundError, PicturesGoneError, SpecError
from shared.jobs.connection import answering, connect
from shared.jobs.fields import job_fields, job_record, stage_fields, stage_record
from shared.jobs.identity import new_job_id
from shared.jobs.owner import ANONYMOUS
from shared.jobs.records import JobRecord, StageRecord
from shared.jobs.references import References
from shared.jobs.status import JobStatus
from shared.jobs.transitions import Transitions
from shared.networks import NETWORKS
from shared.plan.records import Plan, Stage
from shared.settings import Settings
from shared.spec.job import JobSpec

IDEMPOTENCY_SECONDS = 24 * 3600
EQUIPMENT_SECONDS = 120
"""How long a worker's report of its equipment holds."""


class JobStore:
    """Jobs and stages in Redis; every change is one atomic script.

    Every method may raise StoreUnavailableError; asking again is always safe.
    """

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self.redis = client
        self.prefix = prefix
        self.transitions = Transitions(client, prefix)
        self.references = References(client, prefix, self.transitions)

    def new_job_id(self) -> str:
        """A name for a job to be created."""
        return new_job_id()

    def create(
        self,
        spec: JobSpec,
        plan: Plan,
        *,
        owner: str = ANONYMOUS,
        idempotency_key: str | None = None,
        job_id: str | None = None,
    ) -> tuple[JobRecord, bool]:
        """Take in a job; with a key that was used before, find the job of that time.

        Args:
            spec: with its seed.
            plan: made from it.
            owner: whom the job belongs to, as `checked_owner` lets it pass.
            idempotency_key: the owner's own name for this request, remembered for a day.
            job_id: given to send the same creation twice.

        Returns:
            The job, and whether it was created now.

        Raises:
            ConflictError: the key was used with another spec.
        """
        new_id = job_id or self.new_job_id()
        outcome, found = self.transitions.run(
            "create",
            new_id,
            idempotency_key or "",
            _digest(spec),
            IDEMPOTENCY_SECONDS * 1000,
            json.dumps(job_fields(new_id, owner, spec, plan)),
            json.dumps(stage_fields(plan)),
        )
        if outcome == "conflict":
            message = f"idempotency key {idempotency_key!r} was used for job {found} with another spec; use a new key"
            raise ConflictError(message)
        return self.get(found), outcome == "created"

    def get(self, job_id: str) -> JobRecord:
        """The job of that id; NotFoundError when there is none."""
        return job_record(self._fields(job_id))

    def stages(self, job_id: str) -> tuple[StageRecord, ...]:
        """All stages of a job, in the order of its plan."""
        plan = self._plan(job_id)
        with answering(), self.redis.pipeline(transaction=True) as pipeline:
            for stage in plan.stages:
                pipeline.hgetall(self._stage_key(job_id, stage.id))
            found = pipeline.execute()
        return tuple(stage_record(stage, fields) for stage, fields in zip(plan.stages, found, strict=True))

    def stage(self, job_id: str, stage_id: str) -> StageRecord:
        """One stage of a job."""
        planned = self.planned(job_id, stage_id)
        with answering():
            return stage_record(planned, cast("dict[str, str]", self.redis.hgetall(self._stage_key(job_id, stage_id))))

    def planned(self, job_id: str, stage_id: str) -> Stage:
        """One stage of a job, as its plan has it."""
        plan = self._plan(job_id)
        found = next((stage for stage in plan.stages if stage.id == stage_id), None)
        if found is None:
            possible = ", ".join(stage.id for stage in plan.stages)
            raise NotFoundError(f"job {job_id} has no stage {stage_id!r}; its stages are {possible}")
        return found

    def page(
        self, status: JobStatus | None = None, cursor: str | None = None, limit: int = 50
    ) -> tuple[tuple[JobRecord, ...], str | None]:
        """Some jobs, newest first, and where the next page begins.

        Args:
            status: only jobs that stand there.
            cursor: what the page before returned.
            limit: how many, 1 at least.
        """
        index = f"{self.prefix}:jobs" + (f":{status.value}" if status else "")
        highest = f"({_place(cursor)}" if cursor else "+inf"
        with answering():
            found: Any = self.redis.zrevrangebyscore(index, highest, "-inf", 0, limit + 1, withscores=True)
            with self.redis.pipeline(transaction=False) as pipeline:
                for job_id, _ in found[:limit]:
                    pipeline.hgetall(self._job_key(job_id))
                jobs = pipeline.execute()
        following = str(int(found[limit - 1][1])) if len(found) > limit else None
        return tuple(job_record(fields) for fields in jobs if fields), following

    def cancel(self, job_id: str) -> JobRecord:
        """Stop a job; harmless when it is stopped already. ConflictError when it has ended in another way."""
        return self._change("cancel", job_id, {JobStatus.SUCCEEDED, JobStatus.FAILED}, "canceled")

    def pause(self, job_id: str) -> JobRecord:
        """Let a job rest; what runs stops at its next unit."""
        over = {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.CANCELING}
        return self._change("pause", job_id, over, "paused")

    def resume(self, job_id: str) -> JobRecord:
        """Wake a paused job; its runnable stages want to be dispatched after this."""
        over = {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.CANCELING}
        return self._change("resume", job_id, over, "resumed")

    def retry(self, job_id: str) -> JobRecord:
        """Take up a failed job where it failed; its runnable stages want to be dispatched after this."""
        over = {JobStatus.SUCCEEDED, JobStatus.CANCELED, JobStatus.CANCELING}
        return self._change("retry", job_id, over, "retried")

    def retire(self, job_id: str) -> None:
        """Part an ended job from its pictures; harmless when it is parted already. ConflictError while it runs."""
        found = self.transitions.run("retire", job_id, "")
        if found == "none":
            raise NotFoundError(f"no job {job_id!r}")
        if found != "retired":
            stops = JobStatus(found).final or found == JobStatus.CANCELING
            advice = "a stage of it has yet to stop; ask again in a moment" if stops else "cancel it first"
            raise ConflictError(f"job {job_id} is {found} and cannot be removed: {advice}")

    def forget(self, job_id: str) -> bool:
        """Remove every trace of a job that is parted from its pictures; False when there is none, or it has them."""
        return self.transitions.run("forget", job_id) == "forgotten"

    def runnable(self, job_id: str) -> tuple[str, ...]:
        """The stages that could start now: queued, all they need done, of a job that is queued or running."""
        return tuple(self.ranks(job_id))

    def ranks(self, job_id: str) -> Mapping[str, int]:
        """Those stages, in the plan's order, each with how many of its owner's go before it.

        An older job counts as one; so does every stage before it, of its own job, that could start or runs.
        """
        return dict(self.transitions.run("runnable", job_id))

    def active(self) -> tuple[str, ...]:
        """Every job that has not ended, or in which a stage still runs."""
        with answering():
            return tuple(sorted(cast("set[str]", self.redis.smembers(f"{self.prefix}:active"))))

    def report_equipment(self, worker: str, equipment: Equipment) -> None:
        """Note what a worker has; forgotten after two minutes without another report."""
        self._equipment(worker, equipment)

    def equipment(self) -> Equipment | None:
        """What some worker has, networks in the order of `network: auto`; None while no worker has told."""
        reports = self._equipment("", Equipment())
        networks, extras = ({name for report in reports for name in report[part].split()} for part in (0, 1))
        known = Equipment(tuple(name for name in NETWORKS if name in networks), tuple(sorted(extras)))
        return known if reports else None

    def ping(self) -> None:
        """Ask Redis for a sign of life; StoreUnavailableError when there is none."""
        with answering():
            self.redis.ping()

    def events_key(self, job_id: str) -> str:
        """The stream of a job's events."""
        return f"{self._job_key(job_id)}:events"

    def _equipment(self, worker: str, equipment: Equipment) -> list[tuple[str, str]]:
        """Every report that still holds, the networks and the extras of each."""
        told = " ".join(equipment.networks), " ".join(equipment.extras)
        return self.transitions.run("equipment", worker, *told, EQUIPMENT_SECONDS * 1000)

    def _job_key(self, job_id: str) -> str:
        return f"{self.prefix}:job:{job_id}"

    def _stage_key(self, job_id: str, stage_id: str) -> str:
        return f"{self._job_key(job_id)}:stage:{stage_id}"

    def _fields(self, job_id: str) -> dict[str, str]:
        with answering():
            fields = cast("dict[str, str]", self.redis.hgetall(self._job_key(job_id)))
        if not fields:
            raise NotFoundError(f"no job {job_id!r}")
        return fields

    def _plan(self, job_id: str) -> Plan:
        with answering():
            text = cast("str | None", self.redis.hget(self._job_key(job_id), "plan"))
        if text is None:
            raise NotFoundError(f"no job {job_id!r}")
        return Plan.model_validate_json(text)

    def _change(self, transition: str, job_id: str, forbidden: set[JobStatus], verb: str) -> JobRecord:
        """Ask for a transition of the whole job and refuse where the status that was found forbids it."""
        found = self.transitions.run(transition, job_id)
        if found == "none":
            raise NotFoundError(f"no job {job_id!r}")
        if found == "retired":
            raise pictures_gone(self.get(job_id))
        if JobStatus(found) in forbidden:
            raise ConflictError(f"job {job_id} is {found} and cannot be {verb}")
        return self.get(job_id)


def open_store(settings: Settings) -> JobStore:
    """The store that the settings name; nothing is asked of it yet."""
    return JobStore(connect(settings.redis.url, settings.redis), settings.redis.prefix)


def pictures_gone(job: JobRecord) -> PicturesGoneError:
    """What is said of a job that has outlived its pictures."""
    return PicturesGoneError(
        f"the time that the pictures of job {job.id} are kept ended at {job.pictures_gone_at:%Y-%m-%d %H:%M} UTC; "
        "its spec is still there: submit it again to have them made again"
    )


def _place(cursor: str) -> int:
    """The place in the index that a cursor names."""
    if not cursor.isdecimal():
        raise SpecError(f"{cursor!r} is not a cursor that a page returned; leave it out to begin anew", "/cursor")
    return int(cursor)


def _digest(spec: JobSpec) -> str:
    """What tells one spec from another."""
    return hashlib.sha256(spec.model_dump_json().encode()).hexdigest()
