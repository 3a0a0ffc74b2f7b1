"""Redis full, failed over, behind TLS, with few rights, too old: survived, or refused at the start in one line."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import redis

from deploy.local.environment import settings_environment
from deploy.local.ports import free_port
from shared.errors import ConfigurationError, StoreUnavailableError
from shared.jobs.records import JobRecord
from shared.jobs.server import check_servers
from shared.jobs.status import JobStatus
from shared.settings import RedisSettings, Settings
from tests.account import change_account, documented_account
from tests.conftest import missing
from tests.counting import counting_plan, counting_spec
from tests.forwarder import forwarding
from tests.patience import wait_until
from tests.service import LEASE_SECONDS, Service, impatient, service_in
from tests.valkey import Valkey

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WORKER = [sys.executable, "-c", "from worker.cli import app; app()", "start"]
RECONCILER = [sys.executable, "-m", "deploy.local.reconciler"]
API = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app_from_environment"]


def assert_done_once(service: Service, job: JobRecord) -> None:
    assert service.wait_for(job.id).status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}


def refusal(command: list[str], settings: Settings) -> tuple[int, list[str]]:
    """How a process ends that will not start, and the lines that it leaves."""
    done = subprocess.run(
        command,
        env={**settings_environment(settings), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        cwd=settings.data_dir,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()


@pytest.mark.thorough
def test_a_redis_full_for_longer_than_a_lease_takes_no_job_and_costs_a_running_stage_nothing(service: Service) -> None:
    service.start_worker("cpu0")
    service.start_api()
    job = service.submit()
    service.wait_for_unit("dream-00", 2)

    service.store.redis.config_set("maxmemory", 1)
    with pytest.raises(StoreUnavailableError):
        service.store.create(counting_spec(seed=8), counting_plan(counting_spec(seed=8)))
    answer = httpx.post(f"{service.api}/v1/jobs", json={"source": {"noise": {"size": [64, 64]}}, **_DREAM})
    time.sleep(2 * LEASE_SECONDS)
    service.store.redis.config_set("maxmemory", 0)

    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert_done_once(service, job)
    assert set(service.counted(job.id, "starts").values()) == {1}


def test_a_worker_that_comes_to_a_full_redis_works_once_there_is_room(service: Service) -> None:
    job = service.submit()
    service.store.redis.config_set("maxmemory", 1)
    worker = service.start_worker("cpu0")
    time.sleep(1.0)

    service.store.redis.config_set("maxmemory", 0)

    assert_done_once(service, job)
    assert worker.lives


def test_a_job_survives_the_promotion_of_a_replica(service: Service, valkey: Valkey, tmp_path: Path) -> None:
    with _replica_of(valkey, tmp_path / "replica") as replica:
        service.start_worker("cpu0")
        job = service.submit()
        service.wait_for_unit("dream-00", 3)

        service.store.redis.execute_command("WAIT", 1, 1000)
        valkey.kill()
        with redis.Redis.from_url(replica.url) as client:
            # The address moves first: for a while whoever reconnects meets a server that only reads.
            client.config_set("port", valkey.port)
            time.sleep(0.5)
        with redis.Redis.from_url(valkey.url) as client:
            client.replicaof("NO", "ONE")

        assert_done_once(service, job)


def test_a_job_runs_under_the_account_that_the_documents_name(valkey: Valkey, tmp_path: Path) -> None:
    url = documented_account(valkey.url)
    check_servers(RedisSettings(url=url))

    with service_in(tmp_path, impatient(tmp_path, url)) as service:
        service.start_worker("cpu0")
        job = service.submit(4)

        assert_done_once(service, job)


@pytest.mark.parametrize("command", [WORKER, RECONCILER, API], ids=["worker", "reconciler", "api"])
def test_a_process_whose_account_lacks_a_right_ends_at_once_and_names_it(
    valkey: Valkey, tmp_path: Path, command: list[str]
) -> None:
    url = documented_account(valkey.url)
    change_account(valkey.url, "-zadd")

    code, lines = refusal(command, impatient(tmp_path, url))

    assert code == 1
    assert "may not do ZADD" in lines[-1]
    assert not [line for line in lines if "Traceback" in line or "password" in line]


def test_a_job_runs_over_tls_and_the_wrong_protocol_or_certificate_is_refused(tmp_path: Path) -> None:
    with tls_redis(tmp_path) as port:
        url = f"rediss://127.0.0.1:{port}/0"
        for wrong in (url, url.replace("rediss:", "redis:")):
            with pytest.raises(ConfigurationError, match="ssl_ca_certs"):
                check_servers(RedisSettings(url=wrong))

        with service_in(tmp_path, impatient(tmp_path, f"{url}?ssl_ca_certs={tmp_path}/cert.pem")) as service:
            service.start_worker("cpu0")
            job = service.submit(4)

            assert_done_once(service, job)


def test_a_redis_that_is_too_old_is_refused(valkey: Valkey) -> None:
    def age(piece: bytes) -> bytes:
        # Nameless as only Redis is, and of an old version; RESP counts bytes, so no length may change.
        return piece.replace(b"redis_version:7.2.4", b"redis_version:5.0.9").replace(
            b"server_name:valkey", b"server_nome:valkey"
        )

    with forwarding(valkey.port, age) as port:
        url = valkey.url.replace(str(valkey.port), str(port))

        with pytest.raises(ConfigurationError, match=r"it is Redis 5\.0\.9, 6\.2 or newer is needed"):
            check_servers(RedisSettings(url=f"{url}/0"))


@contextmanager
def tls_redis(folder: Path) -> Iterator[int]:
    """The port of a Redis that speaks nothing but TLS, with a certificate that vouches for itself."""
    program, openssl = shutil.which("redis-server"), shutil.which("openssl")
    if program is None or openssl is None:
        missing("redis-server with TLS, or openssl, is not installed")
    key, certificate, port = folder / "key.pem", folder / "cert.pem", free_port()
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    options = {"port": 0, "tls-port": port, "tls-cert-file": certificate, "tls-key-file": key, "tls-auth-clients": "no"}
    command = [program, *(str(word) for name, value in options.items() for word in (f"--{name}", value))]
    process = subprocess.Popen([*command, "--appendonly", "yes"], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}"
        wait_until(lambda: _serves(url), "Redis answers over TLS")
        yield port
    finally:
        process.kill()
        process.wait()


def _serves(url: str) -> bool:
    try:
        check_servers(RedisSettings(url=url))
    except StoreUnavailableError:
        return False
    return True


_DREAM = {"dream": {"network": "vgg16", "layers": [4], "iterations": 1}}


@contextmanager
def _replica_of(primary: Valkey, folder: Path) -> Iterator[Valkey]:
    password = (primary.folder / "valkey" / "password").read_text()
    (folder / "valkey").mkdir(parents=True)
    (folder / "valkey" / "password").write_text(password)
    replica = Valkey(folder, (f"masterauth {password.strip()}", f"replicaof 127.0.0.1 {primary.port}"))
    replica.start()
    try:
        with redis.Redis.from_url(replica.url, decode_responses=True) as client:
            wait_until(lambda: client.info("replication")["master_link_status"] == "up", "the replica has caught up")
        yield replica
    finally:
        replica.kill()
