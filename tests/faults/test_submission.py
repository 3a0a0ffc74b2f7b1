"""Jobs handed in while the API or Redis fails: each is accepted once, and every refusal comes soon."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import httpx
import pytest

from shared.broker import StageRef
from shared.jobs.status import JobStatus
from shared.reconciler import open_reconciler
from tests.conftest import Figure
from tests.patience import LOOK_SECONDS, WAIT_SECONDS, wait_until
from tests.service import RECONCILE_SECONDS, Service
from tests.valkey import Valkey

pytestmark = pytest.mark.slow

SUBMISSIONS, KEYS = 50, 40
SPEC: dict[str, Any] = {
    "seed": 7,
    "source": {"noise": {"size": [64, 64]}},
    "dream": {"network": "vgg16", "layers": [4], "iterations": 1},
}
REFUSED_SECONDS = 3.0


def post(service: Service, number: int) -> httpx.Response:
    headers = {"Idempotency-Key": f"key-{number % KEYS}"}
    return httpx.post(f"{service.api}/v1/jobs", json=SPEC, headers=headers, timeout=10, trust_env=False)


def insist(service: Service, number: int) -> str:
    """Submit as clients do: once more under the same key, until there is an answer; returns the job's id."""
    answers: list[httpx.Response] = []

    def answered() -> bool:
        with suppress(httpx.TransportError):
            answers.append(post(service, number))
        return bool(answers)

    wait_until(answered, f"submission {number} is answered")
    return answers[0].raise_for_status().json()["id"]


class Alone(NamedTuple):
    """The moments between which a stage that could start had neither a message that waits nor a worker."""

    since: float
    until: float

    def seconds(self, after: float = 0.0) -> float:
        """How long it was, or how much of it after a moment."""
        return self.until - max(self.since, after)


@contextmanager
def left_alone(service: Service) -> Iterator[list[Alone]]:
    """Every time that a stage was left alone."""
    seen_alone: list[Alone] = []
    since: dict[StageRef, float] = {}
    stop = threading.Event()
    eye = open_reconciler(service.settings)

    def look() -> None:
        while not stop.wait(LOOK_SECONDS):
            seen, now = eye.look(), time.monotonic()
            alone = set(seen.runnable) - {message.stage for message in seen.waiting}
            seen_alone.extend(Alone(since.pop(stage), now) for stage in set(since) - alone)
            for stage in alone:
                since.setdefault(stage, now)
        seen_alone.extend(Alone(began, time.monotonic()) for began in since.values())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen_alone
    finally:
        stop.set()
        thread.join()
        eye.queue.close()
        eye.store.redis.close()


def test_every_submission_of_an_api_that_dies_becomes_one_job_a_key_and_is_soon_rung_for(
    service: Service, figure: Figure
) -> None:
    service.start_api("dying_api:create_app")

    # No worker is up: what is measured is how soon each could start, not how long the queue is.
    with left_alone(service) as times, ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(insist, service, number) for number in range(SUBMISSIONS)]
        service.others["api"].wait(WAIT_SECONDS)
        service.start_api()
        restarted = time.monotonic()
        ids = {future.result() for future in sent}
    jobs, _ = service.store.page(limit=200)

    assert len(ids) == KEYS
    figure("jobs", len(jobs), KEYS)
    assert {job.id for job in jobs} == ids
    # The API that died had accepted a job that it had not rung for: this one the reconciler finds.
    assert max(one.seconds() for one in times) > RECONCILE_SECONDS / 2
    longest = max(one.seconds(after=restarted) for one in times)
    figure(
        "seconds that an accepted job is left alone by an API that is back", max(0.0, longest), RECONCILE_SECONDS + 1
    )

    service.start_worker("cpu0", COUNTING_UNITS="1", COUNTING_UNIT_SECONDS="0.01")
    assert {service.wait_for(job).status for job in ids} == {JobStatus.SUCCEEDED}
    assert {count for job in ids for count in service.counted(job, "starts").values()} == {1}


@pytest.mark.parametrize("hangs", [False, True])
def test_a_redis_that_is_away_is_told_soon(service: Service, valkey: Valkey, figure: Figure, *, hangs: bool) -> None:
    service.start_api()
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
