"""Fixtures for tests of the API: the service itself on a free port, with a real Redis and a folder behind it."""

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.client import Client
from api.main import create_app
from shared.artifacts.address import open_artifacts
from shared.artifacts.store import ArtifactStore
from shared.jobs.store import JobStore, open_store
from shared.settings import ApiSettings, RedisSettings, Settings, WorkerSettings
from tests.api.painter import Painter, png

START_SECONDS = 10


class Server:
    """Uvicorn in a thread, on a port that the system chooses."""

    def __init__(self, settings: Settings, port: int = 0) -> None:
        config = uvicorn.Config(
            create_app(settings), port=port, log_level="critical", timeout_graceful_shutdown=1, lifespan="on"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self.url = ""

    def start(self) -> str:
        """The address, once it answers."""
        self._thread.start()
        give_up_at = time.monotonic() + START_SECONDS
        while not self._server.started:
            assert time.monotonic() < give_up_at, "the API did not start"
            time.sleep(0.01)
        host, port = self._server.servers[0].sockets[0].getsockname()
        self.url = f"http://{host}:{port}"
        return self.url

    @property
    def runs(self) -> bool:
        """Whether it has been started and not stopped."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End it, streams included."""
        self._server.should_exit = True
        self._thread.join(START_SECONDS)


@dataclass(frozen=True)
class Service:
    """A running API, with what lies behind it."""

    url: str
    settings: Settings
    store: JobStore
    artifacts: ArtifactStore
    server: Server


def settings_for(redis_url: str, folder: Path) -> Settings:
    """Settings whose limits a test can reach."""
    return Settings(
        data_dir=folder,
        redis=RedisSettings(url=redis_url),
        api=ApiSettings(max_upload_bytes=200_000, max_image_pixels=1_000_000, max_cost=500),
        worker=WorkerSettings(memory_gib=2),
    )


class ServerOfAll:
    """One server for all tests, for a stop takes longer than most of them; a test that stops it has another follow."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._server: Server | None = None

    def running(self) -> Server:
        """The server, started when there is none."""
        if self._server is None or not self._server.runs:
            self._server = Server(self.settings)
            self._server.start()
        return self._server

    def stop(self) -> None:
        """End it."""
        if self._server is not None:
            self._server.stop()


@pytest.fixture(scope="session")
def server_of_all(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerOfAll]:
    """The server behind every `service`."""
    servers = ServerOfAll(settings_for(f"{redis_server}/0", tmp_path_factory.mktemp("api") / "data"))
    yield servers
    servers.stop()


@pytest.fixture
def service(redis_url: str, server_of_all: ServerOfAll) -> Iterator[Service]:
    """The API with nothing in it yet."""
    settings = server_of_all.settings
    assert settings.redis.url == redis_url
    shutil.rmtree(settings.data_dir, ignore_errors=True)
    server = server_of_all.running()
    store = open_store(settings)
    yield Service(server.url, settings, store, open_artifacts(settings.artifacts_url), server)
    store.redis.close()


@pytest.fixture
def http(service: Service) -> Iterator[httpx.Client]:
    """Plain HTTP to the service."""
    with httpx.Client(base_url=service.url) as client:
        yield client


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    """The Python client of the service."""
    with Client(service.url, patience_seconds=5) as opened:
        yield opened


@pytest.fixture
def painter(service: Service) -> Painter:
    """Carries jobs out."""
    return Painter(service.store, service.artifacts)


@pytest.fixture
def spec() -> dict[str, Any]:
    """A small job: two dreams and an animation."""
    return {
        "name": "cat dreams",
        "seed": 7,
        "source": {"solid": {"color": "teal", "size": [48, 64]}},
        "dream": {"network": "vgg16", "layers": ["conv4_2", "conv5_1"], "iterations": 2},
        "animation": {},
    }


@pytest.fixture
def batched(http: httpx.Client, spec: dict[str, Any]) -> str:
    """A job that paints both its frames in one stage."""
    image = http.post("/v1/images", content=png(), headers={"Content-Type": "image/png"}).json()["id"]
    return http.post("/v1/jobs", json={**spec, "style": {"images": [{"image": image}], "batch_size": 2}}).json()["id"]
