"""The records of jobs and stages, as the store returns them."""

from datetime import datetime

from pydantic import Field

from shared.jobs.status import JobStatus, StageStatus
from shared.plan.records import Plan, StageKind
from shared.spec.job import JobSpec
from shared.spec.record import Record


class Failure(Record):
    """Why a stage, and with it its job, failed."""

    code: str = Field(description="stable and machine-readable", examples=["not_finite"])
    message: str
    stage: str | None = None
    worker: str | None = None
    traceback: str | None = Field(default=None, description="the end of the Python traceback")


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


class StageRecord(Record):
    """One stage of a job and where it stands."""

    id: str
    kind: StageKind
    label: str
    index: int
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
