"""What the API answers: its own models, so that records may change without breaking clients."""

from datetime import datetime

from pydantic import BaseModel, Field

from shared.jobs.status import JobStatus, StageStatus
from shared.plan.records import StageKind
from shared.spec.job import JobSpec
from shared.spec.mistakes import Mistake


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["no job 'job_01'"])
    code: str = Field(description="stable and machine-readable", examples=["not_found"])
    errors: list[Mistake] | None = Field(default=None, description="every field that is wrong")


class FailureAnswer(BaseModel):
    """Why a job or a stage failed."""

    code: str = Field(description="stable and machine-readable", examples=["not_finite"])
    message: str
    stage: str | None = Field(default=None, description="its traceback and log are told with it, see `links.stages`")
    worker: str | None = None
    attempt: int | None = Field(default=None, description="the attempt that ended so, counted from 1")


class StageFailureAnswer(FailureAnswer):
    """Why a stage failed, with what its worker left."""

    at: datetime | None = None
    traceback: str | None = Field(default=None, description="the end of the last Python traceback")
    traceback_attempt: int | None = Field(
        default=None, description="the attempt that raised it: a later one may have died without a word"
    )
    log_tail: str | None = Field(default=None, description="what the worker logged last during `attempt`")


class JobLinks(BaseModel):
    """Where more about a job is."""

    self: str
    stages: str
    events: str
    artifacts: str
    preview: str
    cancel: str


class JobSummary(BaseModel):
    """One job in a list."""

    id: str = Field(examples=["job_01k9"])
    owner: str = Field(description="whom the job belongs to", examples=["ada"])
    name: str
    status: JobStatus
    progress: float = Field(description="share of the work done, 0..1")
    stages_total: int
    stages_done: int
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    pictures_gone_at: datetime | None = Field(
        default=None, description="when the time that its pictures are kept was over; they are answered 410 since"
    )
    failure: FailureAnswer | None = None
    links: JobLinks


class JobAnswer(JobSummary):
    """One job."""

    seed: int
    network: str | None = Field(description="the network that dreams")
    size: tuple[int, int] = Field(description="(height, width) of every frame, in pixels")
    eta_seconds: float | None = Field(default=None, description="time left, once it can be told")
    spec: JobSpec


class JobPage(BaseModel):
    """Some jobs, newest first."""

    jobs: list[JobSummary]
    next_cursor: str | None = Field(default=None, description="asks for the page behind this one")


class StageAnswer(BaseModel):
    """One stage of a job."""

    id: str = Field(examples=["dream-03"])
    kind: StageKind
    label: str = Field(examples=["mixed4c"])
    index: int = Field(description="the number of its frame, from 0; of the first of several")
    frames: int = Field(default=1, description="how many it makes; several where a style paints a batch")
    needs: tuple[str, ...]
    work: float = Field(description="cost in megapixel-steps")
    status: StageStatus
    attempts: int
    progress: float = Field(description="share of its steps done, 0..1")
    detail: str
    worker: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    seconds: float | None = Field(default=None, description="time worked on it, all attempts")
    failure: StageFailureAnswer | None = None
    artifacts: tuple[str, ...] = Field(default=(), examples=[("frames/03-mixed4c.png",)])


class StageList(BaseModel):
    """All stages of a job, each after those it needs."""

    stages: list[StageAnswer]


class EventAnswer(BaseModel):
    """One thing that happened to a job."""

    id: str
    type: str = Field(examples=["stage.progress"])
    at: datetime
    data: dict[str, object]


class ArtifactAnswer(BaseModel):
    """One file of a job."""

    name: str = Field(examples=["animation.gif"])
    bytes: int
    sha256: str
    media_type: str
    url: str


class ArtifactList(BaseModel):
    """Every file that a job has made so far."""

    artifacts: list[ArtifactAnswer]


class PlannedStage(BaseModel):
    """One stage that a job would have."""

    id: str
    kind: StageKind
    label: str
    index: int
    frames: int = 1
    needs: tuple[str, ...]
    work: float = Field(description="cost in megapixel-steps")
    memory_gib: float = Field(description="what a worker takes at most, estimated")


class PlanAnswer(BaseModel):
    """What a job would do: the answer of a dry run."""

    seed: int
    network: str | None
    size: tuple[int, int] = Field(description="(height, width) of every frame, in pixels")
    work: float = Field(description="cost of the whole job, in megapixel-steps")
    max_work: float = Field(description="the largest that is accepted")
    memory_gib: float = Field(description="of the stage that takes most")
    max_memory_gib: float | None = Field(description="the most that is accepted; null: any")
    stages: list[PlannedStage]


class ImageAnswer(BaseModel):
    """A picture that was taken in."""

    id: str = Field(examples=["sha256:" + 64 * "0"])
    width: int = Field(description="in pixels")
    height: int = Field(description="in pixels")
    bytes: int = Field(description="of the picture as it is kept")


class LayerAnswer(BaseModel):
    """One layer that can be dreamed of."""

    number: int
    name: str
    channels: int


class NetworkAnswer(BaseModel):
    """One network that a spec can name."""

    name: str
    available: bool = Field(description="whether a worker has it now")
    weights: str = Field(description="sha256 that names the weights")
    minimum_size: int = Field(description="smallest side of a frame, in pixels")
    default_layers: str = Field(description="the chain that is dreamed when a spec names none", examples=["1..11"])
    layers: list[LayerAnswer]


class NetworkList(BaseModel):
    """Every network, in the order that `network: auto` tries them."""

    networks: list[NetworkAnswer]


class PresetSummary(BaseModel):
    """One job that comes with dreamqueue."""

    name: str = Field(examples=["figure-07-recursive"])
    title: str = Field(description="what it shows")
    url: str = Field(description="where its spec is")


class PresetList(BaseModel):
    """Every preset, by name."""

    presets: list[PresetSummary]


class PresetAnswer(PresetSummary):
    """One preset, ready to be handed in."""

    spec: JobSpec = Field(description="to be posted to `/v1/jobs` as it is, or changed; its pictures are taken in")


class Health(BaseModel):
    """Whether the service is alive or ready."""

    status: str = Field(examples=["ready"])
    checks: dict[str, str] = Field(default_factory=dict, examples=[{"redis": "ok", "artifacts": "ok"}])
