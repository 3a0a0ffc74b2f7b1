"""What routes ask for by type: the app's services, the job that a path names, the conditions of a request."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Request

from api.services import Services
from shared.artifacts.store import ArtifactStore
from shared.jobs.owner import ANONYMOUS, checked_owner
from shared.jobs.records import JobRecord
from shared.jobs.store import JobStore, pictures_gone
from shared.retention.sweep import Sweeper
from shared.settings import Settings


def _services(request: Request) -> Services:
    return request.app.state.services


ServicesDep = Annotated[Services, Depends(_services)]


def _settings(services: ServicesDep) -> Settings:
    return services.settings


def _store(services: ServicesDep) -> JobStore:
    return services.store


def _artifacts(services: ServicesDep) -> ArtifactStore:
    return services.artifacts


def _sweeper(services: ServicesDep) -> Sweeper:
    return Sweeper(services.store, services.artifacts, services.settings.retention)


SettingsDep = Annotated[Settings, Depends(_settings)]
StoreDep = Annotated[JobStore, Depends(_store)]
ArtifactsDep = Annotated[ArtifactStore, Depends(_artifacts)]
SweeperDep = Annotated[Sweeper, Depends(_sweeper)]

JobId = Annotated[str, Path(max_length=100, examples=["job_01k9"])]


def _owner(
    dreamqueue_owner: Annotated[str, Header(description="whom the job belongs to, in UTF-8")] = ANONYMOUS,
) -> str:
    # Headers are read as Latin-1; what is no UTF-8 becomes what cannot be printed, and is refused.
    return checked_owner(dreamqueue_owner.encode("latin-1").decode(errors="surrogateescape"))


OwnerDep = Annotated[str, Depends(_owner)]
"""Whom a request says that its job belongs to; 422 when that is no name."""

IfNoneMatch = Annotated[str | None, Header(description="tags of answers that the client has")]


@dataclass(frozen=True)
class FileConditions:
    """Which part of a file a client asks for, and on what conditions."""

    if_none_match: IfNoneMatch = None
    byte_range: Annotated[str | None, Header(alias="Range", description="one range of bytes")] = None
    if_range: Annotated[str | None, Header(description="the tag that the part must belong to")] = None

    def range_for(self, tag: str) -> str | None:
        """The range asked for, if it is asked of the file that has this tag."""
        return self.byte_range if self.if_range in {None, tag} else None


FileConditionsDep = Annotated[FileConditions, Depends()]


def _known_job(store: StoreDep, job_id: JobId) -> JobRecord:
    return store.get(job_id)


KnownJob = Annotated[JobRecord, Depends(_known_job)]
"""The job that the path names; 404 when there is none."""


def _job_with_pictures(job: KnownJob) -> JobRecord:
    if job.pictures_gone_at is not None:
        raise pictures_gone(job)
    return job


JobWithPictures = Annotated[JobRecord, Depends(_job_with_pictures)]
"""The job that the path names; 410 once it has outlived its pictures."""
