"""Jobs handed in while the API or Redis fails: each is accepted once, and every refusal comes soon."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.ports import free_port
from shared.settings import ApiSettings
from tests.faults.conftest import Figure
from tests.patience import wait_until
from tests.service import Service, impatient, service_in
from tests.valkey import Valkey

SUBMISSIONS, KEYS = 50, 40
SPEC: dict[str, Any] = {
    "seed": 7,
    "source": {"noise": {"size": [64, 64]}},
    "dream": {"network": "vgg16", "layers": [4], "iterations": 1},
}
REFUSED_SECONDS = 3.0


@pytest.fixture
def service(valkey: Valkey, tmp_path: Path) -> Iterator[Service]:
    settings = impatient(tmp_path, f"{valkey.url}/0").model_copy(update={"api": ApiSettings(port=free_port())})
    with service_in(tmp_path, settings) as service:
        start_api(service)
        yield service


def url_of(service: Service) -> str:
    return f"http://127.0.0.1:{service.settings.api.port}"


def start_api(service: Service) -> None:
    service.start_api()
    wait_until(
        lambda: status_of(lambda: httpx.get(f"{url_of(service)}/readyz", trust_env=False)) == 200, "API is ready"
    )


def status_of(ask: Callable[[], httpx.Response]) -> int:
    try:
        return ask().status_code
    except httpx.TransportError:
        return 0


def post(service: Service, number: int) -> httpx.Response:
    headers = {"Idempotency-Key": f"key-{number % KEYS}"}
    return httpx.post(f"{url_of(service)}/v1/jobs", json=SPEC, headers=headers, timeout=10, trust_env=False)


def test_submissions_sent_again_after_the_api_was_killed_become_one_job_a_key(service: Service, figure: Figure) -> None:
    def insist(number: int) -> str:
        wait_until(lambda: status_of(lambda: post(service, number)) == 202, f"submission {number} is accepted")
        return post(service, number).json()["id"]

    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(insist, number) for number in range(SUBMISSIONS)]
        wait_until(lambda: len(service.store.page(limit=5)[0]) > 2, "some are accepted")
        os.killpg(service.others["api"].pid, signal.SIGKILL)
        start_api(service)
        ids = {future.result() for future in sent}

    jobs, _ = service.store.page(limit=200)
    assert len(ids) == KEYS
    figure("jobs", len(jobs), KEYS)
    assert {job.id for job in jobs} == ids

    began = time.monotonic()
    service.start_worker("cpu0", COUNTING_UNITS="1", COUNTING_UNIT_SECONDS="0.01")
    wait_until(lambda: all(sum(service.counted(job, "starts").values()) for job in ids), "every job has started")
    assert time.monotonic() - began < KEYS
    assert set().union(*(service.counted(job, "commits").values() for job in ids)) <= {0, 1}


@pytest.mark.parametrize("hangs", [False, True])
def test_a_redis_that_is_away_is_told_soon(service: Service, valkey: Valkey, figure: Figure, *, hangs: bool) -> None:
    valkey.freeze() if hangs else valkey.kill()

    began = time.monotonic()
    answer = post(service, 0)
    seconds = time.monotonic() - began
    ready = httpx.get(f"{url_of(service)}/readyz", timeout=10, trust_env=False)

    assert answer.status_code == 503
    assert answer.json()["code"] == "store_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert ready.status_code == 503
    figure("seconds to the answer", seconds, REFUSED_SECONDS)
