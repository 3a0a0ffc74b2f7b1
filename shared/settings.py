"""Every setting of dreamqueue, read from the environment as `DREAMQUEUE_<GROUP>__<NAME>`."""

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from shared.errors import ConfigurationError
from shared.spec.suggestion import suggestion

NEVER = "never"
UNITS: Mapping[str, float] = MappingProxyType({"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0})


def _seconds(value: Any) -> Any:
    """A duration as people write it, in seconds; what is none is left for pydantic to refuse."""
    if not isinstance(value, str):
        return value
    if value.strip() == NEVER:
        return math.inf
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", value.strip())
    return float(found[1]) * UNITS[found[2]] if found else value


def _written(seconds: float) -> float | str:
    return NEVER if math.isinf(seconds) else seconds


Duration = Annotated[float, AllowInfNan(), Field(ge=0), BeforeValidator(_seconds), PlainSerializer(_written)]
"""Seconds, given as a number, as `90s`, `15m`, `12h` or `30d`, or `never`, which is infinite."""


def _user_folder(variable: str, fallback: str) -> Path:
    """The folder that the XDG convention names, below which ours lies."""
    return Path(os.environ.get(variable) or Path.home() / fallback) / "dreamqueue"


def _is_redis_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"redis", "rediss"} and re.fullmatch(r"/?|/\d+/?", parts.path) is not None


class _Group(BaseModel):
    """A group of settings that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RedisSettings(_Group):
    """Where the job store and the Celery broker are."""

    url: str = Field(default="redis://127.0.0.1:6379/0", description="the job store")
    broker_url: str | None = Field(
        default=None, description="the Celery broker; by default the database after the job store's"
    )
    prefix: str = Field(default="dreamqueue", description="how every key of the job store begins")
    connect_timeout_seconds: float = Field(default=1.0, gt=0)
    timeout_seconds: float = Field(default=2.0, gt=0)

    @field_validator("url", "broker_url")
    @classmethod
    def _leads_to_redis(cls, url: str | None) -> str | None:
        # What was got is not told: it may hold a password.
        if url is not None and not _is_redis_address(url):
            raise ValueError("should be redis://[[user]:password@]host[:port][/database], or rediss:// for TLS")
        return url

    @property
    def broker(self) -> str:
        """The broker's address: the one given, or the next database of the same server."""
        if self.broker_url:
            return self.broker_url
        parts = urlsplit(self.url)
        database = int(parts.path.strip("/") or 0)
        return urlunsplit(parts._replace(path=f"/{database + 1}"))


class ArtifactSettings(_Group):
    """Where pictures and checkpoints are kept."""

    url: str | None = Field(
        default=None, description="a folder, file:///path or s3://bucket/prefix; by default in data_dir"
    )
    patience_seconds: float = Field(
        default=120.0,
        ge=0,
        description="how long a stage waits to read or keep what it cannot do without; less than lease.stall_seconds",
    )


class WeightsSettings(_Group):
    """Where pretrained networks come from."""

    dir: Path | None = Field(default=None, description="a folder that already holds files of weights")
    cache_dir: Path = Field(default_factory=lambda: _user_folder("XDG_CACHE_HOME", ".cache") / "weights")
    mirror: str | None = Field(default=None, description="base URL of a server that holds the same files")


class LeaseSettings(_Group):
    """How long a worker holds a stage without a sign of life."""

    seconds: float = Field(default=30.0, gt=0, description="a dead worker's stage is free again after this long")
    stall_seconds: float = Field(
        default=900.0, gt=0, description="a stage without progress for this long loses its lease"
    )
    attempts: int = Field(default=3, ge=1, description="after this many attempts a stage has failed")
    pause_seconds: float = Field(
        default=2.0, ge=0, description="pause before a stage's second attempt, doubled before each one after"
    )


class ReconcilerSettings(_Group):
    """How often lost messages are looked for."""

    every_seconds: float = Field(default=3.0, gt=0)


class RetentionSettings(_Group):
    """How long things are kept that nobody works with any more."""

    every_seconds: Annotated[Duration, Field(gt=0)] = Field(
        default=600.0, description="how often what is no longer kept is removed; never: only by `dreamqueue gc`"
    )
    leftovers_seconds: Duration = Field(
        default=3600.0, description="how long checkpoints, previews and half-written files that nobody needs may lie"
    )
    artifacts_seconds: Duration = Field(
        default=30 * UNITS["d"], description="how long a job's pictures outlive its end"
    )
    records_seconds: Duration = Field(
        default=90 * UNITS["d"], description="how long a job's record outlives its end; no less than its pictures"
    )
    images_seconds: Duration = Field(
        default=UNITS["d"], description="how long an uploaded image is kept that no job's record names"
    )
    quarantine_seconds: Duration = Field(default=30 * UNITS["d"], description="how long damaged files are kept")
    max_bytes: int | None = Field(
        default=None, ge=0, description="beyond this, the pictures of the jobs that ended first go before their time"
    )

    @model_validator(mode="after")
    def _records_outlive_pictures(self) -> Self:
        if self.records_seconds < self.artifacts_seconds:
            raise ValueError(
                f"records_seconds ({_written(self.records_seconds)}) must be at least artifacts_seconds "
                f"({_written(self.artifacts_seconds)}): a record tells what became of its pictures"
            )
        return self


class WorkerSettings(_Group):
    """How a worker works."""

    unit_seconds: float = Field(default=2.0, gt=0, description="about how much work lies between two checkpoints")
    threads: int | None = Field(default=None, ge=1, description="CPU threads of one worker; by default all")
    precision: Literal["auto", "float32", "mixed"] = Field(
        default="auto", description="of convolutions: mixed is bfloat16, auto what the device is fastest at"
    )
    memory_gib: float | None = Field(
        default=None,
        gt=0,
        description="what one worker has: a stage that wants more is tiled, or its job refused; by default no bound, "
        "but most of this machine's memory in `up` and `run`",
    )
    heartbeat_file: Path | None = Field(
        default=None, description="touched every few seconds by a worker that is well, for health checks"
    )


class ApiSettings(_Group):
    """Where the API listens and how much it takes."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    max_upload_bytes: int = Field(default=32 * 2**20, ge=1)
    max_image_pixels: int = Field(
        default=50_000_000, ge=1, le=178_956_970, description="of an image; Pillow takes no more"
    )
    max_cost: float = Field(default=50_000, gt=0, description="largest job, in megapixel-steps")


class FlowerSettings(_Group):
    """Where Flower listens."""

    port: int = Field(default=5555, ge=1, le=65535)


class Settings(BaseSettings):
    """All settings; a value given to the constructor wins over the environment."""

    model_config = SettingsConfigDict(env_prefix="DREAMQUEUE_", env_nested_delimiter="__", frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=lambda: _user_folder("XDG_DATA_HOME", ".local/share"))
    redis: RedisSettings = Field(default_factory=RedisSettings)
    artifacts: ArtifactSettings = Field(default_factory=ArtifactSettings)
    weights: WeightsSettings = Field(default_factory=WeightsSettings)
    lease: LeaseSettings = Field(default_factory=LeaseSettings)
    reconciler: ReconcilerSettings = Field(default_factory=ReconcilerSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    api: ApiSettings = Field(default_factory=ApiSettings)
    flower: FlowerSettings = Field(default_factory=FlowerSettings)

    @property
    def artifacts_url(self) -> str:
        """Where artifacts are kept: the address given, or a folder beside everything else."""
        return self.artifacts.url or str(self.data_dir / "artifacts")

    @model_validator(mode="after")
    def _stages_outlast_their_patience(self) -> Self:
        """A stage that waits makes no progress: it would be given up as hung before its patience ends."""
        patience, stall = self.artifacts.patience_seconds, self.lease.stall_seconds
        if patience < stall:
            return self
        raise ConfigurationError(
            f"DREAMQUEUE_ARTIFACTS__PATIENCE_SECONDS is {patience:g} and DREAMQUEUE_LEASE__STALL_SECONDS {stall:g}: "
            "a stage that waits for the artifact store would be taken for one that hangs; make the first the smaller"
        )


def settings_in_force() -> Settings:
    """The settings that the environment gives.

    Raises:
        ConfigurationError: a value cannot be taken.
    """
    _refuse_strangers(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        told = "; ".join(
            f"DREAMQUEUE_{'__'.join(map(str, detail['loc'])).upper()}: {detail['msg']}" for detail in error.errors()
        )
        raise ConfigurationError(told) from None
    except SettingsError as error:
        raise ConfigurationError(f"{error}: set DREAMQUEUE_<GROUP>__<NAME> instead") from None


def _refuse_strangers(environment: Mapping[str, str]) -> None:
    """A misspelt group would be ignored without a word, as whatever is not a setting of ours is."""
    groups = [f"DREAMQUEUE_{name.upper()}" for name in Settings.model_fields]
    for variable in environment:
        group, parted, _ = variable.upper().partition("__")
        if parted and group.startswith("DREAMQUEUE_") and group not in groups:
            meant = suggestion(group, groups)
            raise ConfigurationError(f"no settings {group}__…; {meant}possible are {', '.join(groups)}")
