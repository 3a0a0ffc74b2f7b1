"""Everything that the routes need, opened once an app."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from redis import asyncio as redis_asyncio

from shared.artifacts.address import open_artifacts
from shared.artifacts.store import ArtifactStore
from shared.broker import celery_app
from shared.dispatch import dispatch
from shared.jobs.connection import connect_async
from shared.jobs.store import JobStore, open_store
from shared.settings import Settings


@dataclass(frozen=True)
class Services:
    """What the app works with.

    Attributes:
        store: the job store, for routes in threads.
        live: the same Redis, for routes that wait for events.
        dispatch: rings for the workers, given a job's id.
    """

    settings: Settings
    store: JobStore
    artifacts: ArtifactStore
    live: redis_asyncio.Redis
    dispatch: Callable[[str], object]


def open_services(settings: Settings) -> Services:
    """The services that settings describe; nothing is connected to yet."""
    store = open_store(settings)
    return Services(
        settings=settings,
        store=store,
        artifacts=open_artifacts(settings.artifacts_url),
        live=connect_async(settings.redis.url, settings.redis),
        dispatch=partial(dispatch, store, celery_app(settings)),
    )
