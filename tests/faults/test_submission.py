"""Jobs handed in while the API or Redis fails: each is accepted once, and every refusal comes soon."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.faults.conftest import Figure
from tests.patience import wait_until
from tests.service import Service
from tests.valkey import Valkey

pytestmark = pytest.mark.slow

SUBMISSIONS, KEYS = 50, 40
SPEC: dict[str, Any] = {
    "seed": 7,
    "source": {"noise": {"size": [64, 64]}},
    "dream": {"network": "vgg16", "layers": [4], "iterations": 1},
}
REFUSED_SECONDS = 3.0


@pytest.fixture
def service(service: Service) -> Service:
    """The service with its API."""
    service.start_api()
    return service


def post(service: Service, number: int) -> httpx.Response:
    headers = {"Idempotency-Key": f"key-{number % KEYS}"}
    return httpx.post(f"{service.api}/v1/jobs", json=SPEC, headers=headers, timeout=10, trust_env=False)


def test_submissions_sent_again_after_the_api_was_killed_become_one_job_a_key(service: Service, figure: Figure) -> None:
    def insist(number: int) -> str:
        """As clients do: once more under the same key, until there is an answer."""
        answers: list[httpx.Response] = []

        def answered() -> bool:
            with suppress(httpx.TransportError):
                answers.append(post(service, number))
            return bool(answers)

        wait_until(answered, f"submission {number} is answered")
        return answers[0].raise_for_status().json()["id"]

    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(insist, number) for number in range(SUBMISSIONS)]
        wait_until(lambda: len(service.store.page(limit=5)[0]) > 2, "some are accepted")
        os.killpg(service.others["api"].pid, signal.SIGKILL)
        service.start_api()
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
    ready = httpx.get(f"{service.api}/readyz", timeout=10, trust_env=False)

    assert answer.status_code == 503
    assert answer.json()["code"] == "store_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert ready.status_code == 503
    figure("seconds to the answer", seconds, REFUSED_SECONDS)
