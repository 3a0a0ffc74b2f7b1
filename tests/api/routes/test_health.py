"""Whether the service is alive and ready, and how it answers while what it needs is away."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import Server, Service, settings_for


@pytest.fixture
def without_redis(tmp_path: Path) -> Iterator[httpx.Client]:
    """The API with nothing at the address of Redis."""
    yield from client_of("redis://127.0.0.1:1/0", tmp_path)


@pytest.fixture
def with_hung_redis(tmp_path: Path) -> Iterator[httpx.Client]:
    """The API with a Redis that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield from client_of(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", tmp_path)


def test_a_service_with_all_it_needs_is_ready(http: httpx.Client) -> None:
    assert http.get("/healthz").json()["status"] == "alive"
    assert http.get("/readyz").json() == {"status": "ready", "checks": {"redis": "ok", "artifacts": "ok"}}


def test_without_redis_the_service_is_alive_and_not_ready(without_redis: httpx.Client) -> None:
    assert without_redis.get("/healthz").status_code == 200
    ready = without_redis.get("/readyz")
    assert (ready.status_code, ready.json()["code"]) == (503, "not_ready")
    assert "redis" in ready.json()["detail"]
    assert "artifacts" not in ready.json()["detail"]


def test_a_folder_that_cannot_be_written_is_told(http: httpx.Client, service: Service) -> None:
    service.settings.data_dir.mkdir(exist_ok=True)
    (service.settings.data_dir / "artifacts").write_text("a file where the folder should be")

    ready = http.get("/readyz")

    assert ready.status_code == 503
    assert "artifacts" in ready.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/jobs/job_1", "/v1/jobs/job_1/events", "/v1/networks"])
def test_without_redis_questions_are_answered_with_503(without_redis: httpx.Client, path: str) -> None:
    refused = without_redis.get(path)

    assert (refused.status_code, refused.json()["code"]) == (503, "store_unavailable")
    assert int(refused.headers["retry-after"]) >= 1


def test_a_hung_redis_keeps_nobody_waiting(with_hung_redis: httpx.Client) -> None:
    spec = {"source": {"solid": {"size": [48, 64]}}, "dream": {"network": "vgg16", "layers": [1]}}

    started = time.monotonic()
    refused = with_hung_redis.post("/v1/jobs", json=spec)

    assert (refused.status_code, refused.json()["code"]) == (503, "store_unavailable")
    assert time.monotonic() - started < 3


def client_of(redis_url: str, folder: Path) -> Iterator[httpx.Client]:
    server = Server(settings_for(redis_url, folder / "data"))
    with httpx.Client(base_url=server.start()) as client:
        yield client
    server.stop()
