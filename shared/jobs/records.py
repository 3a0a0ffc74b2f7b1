"""The records of jobs and stages, as the store returns them."""

from datetime import datetime

from pydantic import Field

from shared.jobs.status import JobStatus, StageStatus
from shared.plan.records import Plan, StageKind
from shared.spec.job import JobSpec
from shared.spec.record import Record


class Failure(Record):
    """Why an attempt at a stage failed; a job's own failure is that of its stage, without what only a stage keeps."""

    code: str = Field(description="stable and machine-readable", examples=["not_finite"])
    message: str
    stage: str | None = None
    worker: str | None = None
    attempt: int | None = Field(default=None, description="counts from 1")
    at: datetime | None = Field(default=None, description="only a stage keeps it, and all below")
    log_tail: str | None = Field(default=None, description="what the worker logged last during this attempt")
    traceback: str | None = Field(default=None, description="the end of the last Python traceback")
    traceback_attempt: int | None = Field(
        default=None, description="the attempt that raised it: a later one may have died without a word"
    )

    @property
    def account(self) -> str:
        """All that is known of it, as text for whoever shows nothing else."""
        parts = [
            f"{self.code}: {self.message}",
            f"worker {self.worker or 'unknown'}, attempt {self.attempt or 'unknown'}",
        ]
        if self.traceback:
            parts.append(f"Traceback of attempt {self.traceback_attempt}:\n{self.traceback.rstrip()}")
        if self.log_tail:
            parts.append(f"Last lines of the log of attempt {self.attempt}:\n{self.log_tail.rstrip()}")
        return "\n\n".join(parts)


class ArtifactRef(Record):
    """A file that a stage has made."""

    name: str = Field(description="in the stage's own folder", examples=["frame.png"])
    key: str = Field(description="in the artifact store")
    sha256: str
    bytes: int
    media_type: str


class JobRecord(Record):
    """One accepted spec and where it stands."""

    id: str = Field(examples=["job_01k9"])
    owner: str
    name: str
    status: JobStatus
    spec: JobSpec
    plan: Plan
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    stages_total: int
    stages_done: int
    progress: float = Field(description="share of the work done, 0..1, running stages included")
    failure: Failure | None = None
    pictures_gone_at: datetime | None = Field(default=None, description="when it was parted from its pictures")


class StageRecord(Record):
    """One stage of a job and where it stands."""

    id: str
    kind: StageKind
    label: str
    index: int
    frames: int = Field(default=1, description="how many it makes, the first being the one numbered `index`")
    needs: tuple[str, ...]
    key: str
    status: StageStatus
    attempts: int = 0
    progress: float = Field(default=0.0, description="share of its steps done, 0..1")
    detail: str = Field(default="", examples=["mixed4c | octave 3/5"])
    worker: str | None = None
    checkpoint: str | None = Field(default=None, description="key of the latest checkpoint in the artifact store")
    preview: str | None = Field(default=None, description="key of the latest intermediate picture")
    started_at: datetime | None = None
    finished_at: datetime | None = None
    seconds: float | None = Field(default=None, description="time worked on it, all attempts")
    failure: Failure | None = None
    artifacts: tuple[ArtifactRef, ...] = ()


class JobEvent(Record):
    """One entry of a job's event stream."""

    id: str = Field(description="rises; a client that lost the connection goes on behind the last it saw")
    type: str = Field(examples=["stage.progress"])
    at: datetime
    data: dict[str, object]
