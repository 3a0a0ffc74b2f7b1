"""What Redis holds of some jobs at one moment, field by field."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.jobs.status import JobStatus, StageStatus
from shared.jobs.store import JobStore
from shared.leases import Orphan


@dataclass(frozen=True)
class StageSnapshot:
    """A stage's fields, and whether a lease on it lives."""

    fields: Mapping[str, str]
    leased: bool

    @property
    def status(self) -> StageStatus:
        """Where the stage stands."""
        return StageStatus(self.fields["status"])

    @property
    def progress(self) -> float:
        """Share of its work done."""
        return float(self.fields["progress"])

    @property
    def resting(self) -> bool:
        """Whether the pause after a failed attempt lasts."""
        return self.number("not_before") > time.time() * 1000

    def number(self, field: str) -> int:
        """A field that counts; what was never counted is 0."""
        return int(self.fields.get(field) or 0)


@dataclass(frozen=True)
class JobSnapshot:
    """A job's fields, its stages, and what else in Redis speaks of it.

    Attributes:
        fields: of the job.
        stages: by id.
        indexes: the statuses under which the job is listed.
        active: whether the reconciler looks at it.
        counted: whether it has a place among the jobs of its owner.
        events: how many it has told.
        runnable: the stages that could start, as the reconciler sees them.
        orphans: the running stages without a lease, as the reconciler sees them.
    """

    fields: Mapping[str, str]
    stages: Mapping[str, StageSnapshot]
    indexes: tuple[JobStatus, ...]
    active: bool
    counted: bool
    events: int
    runnable: tuple[str, ...]
    orphans: tuple[Orphan, ...]

    @property
    def status(self) -> JobStatus:
        """Where the job stands."""
        return JobStatus(self.fields["status"])

    @property
    def open(self) -> bool:
        """Whether its stages are still wanted."""
        return self.status in {JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED}

    @property
    def done(self) -> frozenset[str]:
        """The stages whose results lie ready."""
        return frozenset(name for name, stage in self.stages.items() if stage.status.done)

    @property
    def running(self) -> frozenset[str]:
        """The stages that are said to be worked on."""
        return frozenset(name for name, stage in self.stages.items() if stage.status is StageStatus.RUNNING)


Snapshot = Mapping[str, JobSnapshot]

READ_JOB = """
local prefix, job = ARGV[1], ARGV[2]
local key = prefix .. ':job:' .. job

local function hash(of)
  local fields, flat = {}, redis.call('HGETALL', of)
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end

local fields, indexes, stages = hash(key), {}, {}
fields.spec, fields.plan = nil, nil
for i = 3, #ARGV do
  if redis.call('ZSCORE', prefix .. ':jobs:' .. ARGV[i], job) then table.insert(indexes, ARGV[i]) end
end
for _, id in ipairs(cjson.decode(fields.stage_ids)) do
  local leased = redis.call('EXISTS', prefix .. ':lease:' .. job .. ':' .. id)
  table.insert(stages, { id, hash(key .. ':stage:' .. id), leased })
end
local active = redis.call('SISMEMBER', prefix .. ':active', job)
local counted = redis.call('ZSCORE', prefix .. ':owner:' .. fields.owner, job)
return cjson.encode({ fields, indexes, stages, active, counted, redis.call('XLEN', key .. ':events') })
"""
"""One text in one round trip: the machine reads all jobs behind every move."""


def snapshot(store: JobStore, job_ids: Iterable[str]) -> Snapshot:
    """The jobs of these ids."""
    return {job_id: _job(store, job_id) for job_id in job_ids}


def _job(store: JobStore, job_id: str) -> JobSnapshot:
    found: Any = store.redis.eval(READ_JOB, 0, store.prefix, job_id, *JobStatus)
    fields, indexes, stages, active, counted, events = json.loads(found)
    _, ranked, holderless = store.transitions.run("look", job_id)
    return JobSnapshot(
        fields=fields,
        stages={name: StageSnapshot(of_stage, bool(leased)) for name, of_stage, leased in stages},
        indexes=tuple(JobStatus(status) for status in indexes),
        active=bool(active),
        counted=bool(counted),
        events=events,
        runnable=tuple(name for name, _ in ranked),
        orphans=tuple(Orphan(job_id, *names, attempt=int(attempt)) for *names, attempt in holderless),
    )
