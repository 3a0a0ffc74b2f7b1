"""Jobs shown and listed."""

import json
from typing import Any

import httpx
import pytest

from tests.api.painter import Painter

Spec = dict[str, Any]


def test_a_job_tells_progress_and_time_left(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]

    painter.unit(painter.begin(job_id), 0.5)

    job = http.get(f"/v1/jobs/{job_id}").json()
    assert job["status"] == "running"
    assert 0.2 < job["progress"] < 0.3
    assert job["eta_seconds"] > 0


def test_stages_tell_their_names_work_and_files(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.paint(job_id)

    stages = http.get(f"/v1/jobs/{job_id}/stages").json()["stages"]

    assert [stage["id"] for stage in stages] == ["dream-00", "dream-01", "animate"]
    assert {stage["status"] for stage in stages} == {"succeeded"}
    assert stages[1]["artifacts"] == ["frames/01-conv5_1.npy", "frames/01-conv5_1.png"]
    assert stages[1]["needs"] == ["dream-00"]
    assert stages[0]["worker"] == "painter@easel"


def test_a_jobs_failure_is_small_in_answers_lists_and_events(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]

    painter.fail(painter.begin(job_id), "the picture is no longer a number")

    job = http.get(f"/v1/jobs/{job_id}").json()
    assert job["status"] == "failed"
    assert job["failure"] == {
        "code": "not_finite",
        "message": "the picture is no longer a number",
        "stage": "dream-00",
        "worker": "painter@easel",
        "attempt": 1,
    }
    assert http.get("/v1/jobs").json()["jobs"][0]["failure"] == job["failure"]
    assert "Traceback" not in http.get(f"/v1/jobs/{job_id}/events").text


def test_a_stages_failure_is_told_with_its_traceback_and_log_until_it_is_retried(
    http: httpx.Client, painter: Painter, spec: Spec
) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.fail(painter.begin(job_id), "the picture is no longer a number")
    stages = http.get(f"/v1/jobs/{job_id}").json()["links"]["stages"]

    failure = http.get(stages).json()["stages"][0]["failure"]
    http.post(f"/v1/jobs/{job_id}/retry")
    painter.paint(job_id)

    assert failure["traceback"].endswith("NotFiniteError: the picture is no longer a number\n")
    assert (failure["attempt"], failure["traceback_attempt"]) == (1, 1)
    assert failure["log_tail"] == "stage begins [/nothing] attempt=1"
    assert failure["at"] is not None
    assert {stage["failure"] for stage in http.get(stages).json()["stages"]} == {None}
    assert http.get(f"/v1/jobs/{job_id}").json()["failure"] is None


@pytest.mark.parametrize("path", ["", "/stages"])
def test_an_answer_the_client_has_is_not_sent_again_until_it_changes(
    http: httpx.Client, painter: Painter, spec: Spec, path: str
) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    headers = {"If-None-Match": http.get(f"/v1/jobs/{job_id}{path}").headers["etag"]}

    same = http.get(f"/v1/jobs/{job_id}{path}", headers=headers)
    painter.begin(job_id)
    other = http.get(f"/v1/jobs/{job_id}{path}", headers=headers)

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200


def test_jobs_are_listed_newest_first_page_by_page(http: httpx.Client, spec: Spec) -> None:
    ids = [http.post("/v1/jobs", json={**spec, "seed": seed}).json()["id"] for seed in range(5)]

    found: list[str] = []
    url = "/v1/jobs?limit=2"
    while url:
        page = http.get(url)
        found += [job["id"] for job in page.json()["jobs"]]
        url = page.links["next"]["url"] if "link" in page.headers else ""

    assert found == ids[::-1]


def test_jobs_are_listed_by_status(http: httpx.Client, spec: Spec) -> None:
    ids = [http.post("/v1/jobs", json={**spec, "seed": seed}).json()["id"] for seed in range(2)]
    http.post(f"/v1/jobs/{ids[0]}/cancel")

    canceled = http.get("/v1/jobs", params={"status": "canceled"}).json()["jobs"]

    assert [job["id"] for job in canceled] == [ids[0]]


@pytest.mark.parametrize(
    ("query", "told"),
    [("status=done", "'succeeded'"), ("limit=0", "got '0'"), ("limit=many", "got 'many'"), ("cursor=%3F", "cursor")],
)
def test_a_query_that_makes_no_sense_is_refused(http: httpx.Client, query: str, told: str) -> None:
    refused = http.get(f"/v1/jobs?{query}")

    assert refused.status_code == 422
    assert told in refused.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/stages"),
        ("GET", "/events"),
        ("GET", "/artifacts"),
        ("GET", "/artifacts/animation.gif"),
        ("GET", "/preview"),
        ("POST", "/cancel"),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("POST", "/retry"),
    ],
)
def test_an_unknown_job_is_not_found(http: httpx.Client, method: str, path: str) -> None:
    refused = http.request(method, f"/v1/jobs/job_nobody{path}")

    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert "job_nobody" in refused.json()["detail"]


def test_the_answer_is_json_that_a_client_can_read(http: httpx.Client, spec: Spec) -> None:
    spec["name"] = "Träume \u2028 <script>"

    job = http.post("/v1/jobs", json=spec)

    assert json.loads(job.content)["name"] == spec["name"]
