"""Redis full, failed over, behind TLS, with few rights, too old: survived, or refused at the start in one line."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import redis

from deploy.local.environment import settings_environment
from deploy.local.ports import free_port
from shared.errors import StoreUnavailableError
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus
from shared.settings import ApiSettings, Settings
from tests.counting import counting_plan, counting_spec
from tests.patience import wait_until
from tests.service import Service, impatient, service_in
from tests.valkey import Valkey

DOCUMENT = Path(__file__).parents[2] / "docs" / "running.md"
WORKER = [sys.executable, "-c", "from worker.cli import app; app()", "start"]
RECONCILER = [sys.executable, "-m", "deploy.local.reconciler"]
API = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app_from_environment"]
UP = [sys.executable, "-c", "from api.cli import app; app()", "up", "--port", "0"]


@contextmanager
def valkey(folder: Path, *lines: str) -> Iterator[Valkey]:
    server = Valkey(folder, lines)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def service_on(folder: Path, redis_url: str) -> Iterator[Service]:
    """The service with its API on a free port."""
    settings = impatient(folder, redis_url).model_copy(update={"api": ApiSettings(port=free_port())})
    with service_in(folder, settings) as service:
        yield service


def assert_done_once(service: Service, job: JobRecord) -> None:
    assert service.wait_for(job.id).status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}


def refusal(command: list[str], settings: Settings) -> tuple[int, list[str]]:
    """How a process ends that will not start, and the lines that it leaves."""
    done = subprocess.run(
        command,
        env={**settings_environment(settings), "PYTHONPATH": str(DOCUMENT.parents[1]), "PATH": "/usr/bin:/bin"},
        cwd=settings.data_dir,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()


def test_a_full_redis_takes_no_job_and_costs_a_running_stage_nothing(tmp_path: Path) -> None:
    with valkey(tmp_path) as server, service_on(tmp_path, f"{server.url}/0") as service:
        service.start_worker("cpu0")
        service.start_api()
        api = f"http://127.0.0.1:{service.settings.api.port}"
        wait_until(lambda: _status(f"{api}/healthz") == 200, "the API answers")
        job = service.submit()
        service.wait_for_unit("dream-00", 2)

        service.store.redis.config_set("maxmemory", 1)
        with pytest.raises(StoreUnavailableError):
            service.store.create(counting_spec(seed=8), counting_plan(counting_spec(seed=8)))
        answer = httpx.post(f"{api}/v1/jobs", json={"source": {"noise": {"size": [64, 64]}}, **_DREAM})
        time.sleep(1.0)
        service.store.redis.config_set("maxmemory", 0)

        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert_done_once(service, job)
        assert set(service.counted(job.id, "starts").values()) == {1}


def test_a_worker_that_comes_to_a_full_redis_works_once_there_is_room(tmp_path: Path) -> None:
    with valkey(tmp_path) as server, service_on(tmp_path, f"{server.url}/0") as service:
        job = service.submit()
        service.store.redis.config_set("maxmemory", 1)
        worker = service.start_worker("cpu0")
        time.sleep(1.0)

        service.store.redis.config_set("maxmemory", 0)

        assert_done_once(service, job)
        assert worker.lives


def test_a_job_survives_the_promotion_of_a_replica(tmp_path: Path) -> None:
    with ExitStack() as stack:
        primary = stack.enter_context(valkey(tmp_path / "primary"))
        replica = stack.enter_context(_replica_of(primary, tmp_path / "replica"))
        service = stack.enter_context(service_on(tmp_path, f"{primary.url}/0"))
        service.start_worker("cpu0")
        job = service.submit()
        service.wait_for_unit("dream-00", 3)

        service.store.redis.execute_command("WAIT", 1, 1000)
        primary.kill()
        with redis.Redis.from_url(replica.url) as client:
            # The address moves first: for a while whoever reconnects meets a server that only reads.
            client.config_set("port", primary.port)
            time.sleep(0.5)
        with redis.Redis.from_url(primary.url) as client:
            client.replicaof("NO", "ONE")

        assert_done_once(service, job)


_DREAM = {"dream": {"network": "vgg16", "layers": [4], "iterations": 1}}


def _status(url: str) -> int:
    try:
        return httpx.get(url).status_code
    except httpx.HTTPError:
        return 0


@contextmanager
def _replica_of(primary: Valkey, folder: Path) -> Iterator[Valkey]:
    password = (primary.folder / "valkey" / "password").read_text()
    (folder / "valkey").mkdir(parents=True)
    (folder / "valkey" / "password").write_text(password)
    with valkey(folder, f"masterauth {password.strip()}", f"replicaof 127.0.0.1 {primary.port}") as replica:
        with redis.Redis.from_url(replica.url, decode_responses=True) as client:
            wait_until(lambda: client.info("replication")["master_link_status"] == "up", "the replica has caught up")
        yield replica
