"""The HTTP API as an ASGI app."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import FastAPI

from api import problems
from api.headers import SafeHeaders
from api.routes import artifacts, events, health, images, jobs, networks, presets
from api.services import open_services
from shared.errors import ConfigurationError, StoreUnavailableError
from shared.jobs.server import check_servers
from shared.settings import Settings, settings_in_force
from shared.telemetry import configure_logging

log = structlog.get_logger(__name__)

DESCRIPTION = "Submits dreams and styles, tells how they come on, gives out the pictures."
_PROBLEM: dict[str, Any] = {
    "description": "what went wrong",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
ROUTERS = (images.router, jobs.router, events.router, artifacts.router, networks.router, presets.router, health.router)


def create_app(settings: Settings) -> FastAPI:
    """The API on the Redis and the artifact store that settings name; it starts without them and waits."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        await services.live.aclose()

    services = open_services(settings)
    app = FastAPI(
        title="dreamqueue",
        version=version("dreamqueue"),
        description=DESCRIPTION,
        lifespan=lifespan,
        separate_input_output_schemas=False,
        responses={"4XX": _PROBLEM, "5XX": _PROBLEM},
    )
    app.state.services = services
    app.add_middleware(SafeHeaders)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


def create_app_from_environment() -> FastAPI:
    """The API as the environment sets it up: `uvicorn --factory api.main:create_app_from_environment`."""
    configure_logging()
    try:
        settings = settings_in_force()
        _look_at_redis(settings)
    except ConfigurationError as error:
        sys.exit(str(error))
    return create_app(settings)


def _look_at_redis(settings: Settings) -> None:
    """Refuse one that will never do; one that is not up yet may come."""
    try:
        check_servers(settings.redis)
    except StoreUnavailableError as error:
        log.warning("waiting for Redis", reason=str(error))
