"""Jobs canceled, paused, resumed and retried."""

from typing import Any

import httpx
import pytest

from shared.jobs.status import JobStatus
from tests.api.painter import Painter

Spec = dict[str, Any]


def test_canceling_is_harmless_when_repeated(http: httpx.Client, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]

    answers = [http.post(f"/v1/jobs/{job_id}/cancel") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.json()["status"] for answer in answers} == {"canceled"}


def test_canceling_waits_for_a_stage_that_runs(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    lease = painter.begin(job_id)

    answer = http.post(f"/v1/jobs/{job_id}/cancel")
    signal = painter.unit(lease, 0.5)
    painter.leases.release(lease)

    assert (answer.status_code, answer.json()["status"]) == (202, "canceling")
    assert signal == "cancel"
    assert http.get(f"/v1/jobs/{job_id}").json()["status"] == JobStatus.CANCELED


def test_a_job_that_is_done_cannot_be_canceled(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.paint(job_id)

    refused = http.post(f"/v1/jobs/{job_id}/cancel")

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "succeeded" in refused.json()["detail"]


def test_a_paused_job_starts_nothing_until_it_is_resumed(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]

    paused = [http.post(f"/v1/jobs/{job_id}/pause") for _ in range(2)]
    runnable_in_between = painter.store.runnable(job_id)
    resumed = [http.post(f"/v1/jobs/{job_id}/resume") for _ in range(2)]

    assert [answer.json()["status"] for answer in paused] == ["paused", "paused"]
    assert runnable_in_between == ()
    assert [answer.json()["status"] for answer in resumed] == ["queued", "queued"]
    painter.paint(job_id)
    assert http.get(f"/v1/jobs/{job_id}").json()["status"] == "succeeded"


def test_a_failed_job_is_taken_up_where_it_failed(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.fail(painter.begin(job_id), "not finite")

    retried = http.post(f"/v1/jobs/{job_id}/retry")

    assert (retried.status_code, retried.json()["failure"]) == (200, None)
    painter.paint(job_id)
    assert http.get(f"/v1/jobs/{job_id}").json()["status"] == "succeeded"


@pytest.mark.parametrize("change", ["pause", "resume", "retry"])
def test_a_job_that_succeeded_stays_as_it_is(change: str, http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.paint(job_id)

    refused = http.post(f"/v1/jobs/{job_id}/{change}")

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
