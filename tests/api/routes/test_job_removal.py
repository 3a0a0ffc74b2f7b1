"""Jobs that outlive their pictures, and jobs that are removed."""

from typing import Any

import httpx
import pytest

from shared.errors import PicturesGoneError
from shared.retention.sweep import Sweeper
from shared.settings import RetentionSettings
from tests.api.conftest import Service
from tests.api.painter import Painter, png

Spec = dict[str, Any]

PICTURES_GO = RetentionSettings(artifacts_seconds=0)


@pytest.fixture
def done(http: httpx.Client, painter: Painter, spec: Spec) -> str:
    """The path of a job that is done."""
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.paint(job_id)
    return f"/v1/jobs/{job_id}"


@pytest.fixture
def parted(done: str, service: Service) -> str:
    """The path of a job that was parted from its pictures."""
    Sweeper(service.store, service.artifacts, PICTURES_GO).sweep()
    return done


@pytest.mark.parametrize("path", ["artifacts", "artifacts/animation.gif", "artifacts/manifest.json", "preview"])
def test_pictures_that_are_no_longer_kept_are_gone_and_that_is_said(http: httpx.Client, parted: str, path: str) -> None:
    refused = http.get(f"{parted}/{path}")

    assert (refused.status_code, refused.json()["code"]) == (410, PicturesGoneError.code)
    assert "submit it again" in refused.json()["detail"]


def test_the_record_outlives_the_pictures(http: httpx.Client, parted: str, spec: Spec) -> None:
    job = http.get(parted).json()

    assert (job["status"], job["progress"]) == ("succeeded", 1.0)
    assert job["pictures_gone_at"] is not None
    assert job["spec"]["source"]["solid"] == spec["source"]["solid"]
    assert len(http.get(f"{parted}/stages").json()["stages"]) == 3


def test_submitted_again_the_pictures_are_made_again(
    http: httpx.Client, parted: str, painter: Painter, service: Service
) -> None:
    again = http.post("/v1/jobs", json=http.get(parted).json()["spec"]).json()["id"]
    painter.paint(again)

    assert http.get(f"/v1/jobs/{again}/artifacts/animation.gif").status_code == 200
    assert http.get(f"{parted}/artifacts/animation.gif").status_code == 410
    assert len(list(service.artifacts.keys("stages"))) == 2 * 3 + 2


def test_a_failed_job_without_pictures_is_not_taken_up_again(
    http: httpx.Client, painter: Painter, spec: Spec, service: Service
) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.fail(painter.begin(job_id), "not finite")
    Sweeper(service.store, service.artifacts, PICTURES_GO).sweep()

    refused = http.post(f"/v1/jobs/{job_id}/retry")

    assert (refused.status_code, refused.json()["code"]) == (410, PicturesGoneError.code)


def test_an_ended_job_is_removed_with_its_pictures(http: httpx.Client, done: str, service: Service) -> None:
    removed = http.delete(done)

    assert (removed.status_code, removed.content) == (204, b"")
    assert [http.get(done).status_code, http.delete(done).status_code] == [404, 404]
    assert http.get("/v1/jobs").json()["jobs"] == []
    assert list(service.artifacts.keys("stages")) == []


def test_pictures_that_another_job_has_too_stay(http: httpx.Client, done: str, painter: Painter, spec: Spec) -> None:
    other = http.post("/v1/jobs", json=spec).json()["id"]
    painter.paint(other)

    http.delete(done)

    assert http.get(f"/v1/jobs/{other}/artifacts/animation.gif").status_code == 200


@pytest.mark.parametrize("status", ["queued", "running", "paused", "canceling"])
def test_a_job_that_has_not_ended_is_not_removed(http: httpx.Client, painter: Painter, spec: Spec, status: str) -> None:
    path = f"/v1/jobs/{http.post('/v1/jobs', json=spec).json()['id']}"
    if status in {"running", "canceling"}:
        painter.begin(path.rpartition("/")[2])
    if status in {"paused", "canceling"}:
        http.post(f"{path}/{'pause' if status == 'paused' else 'cancel'}")

    refused = http.delete(path)

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert status in refused.json()["detail"]
    assert ("ask again" if status == "canceling" else "cancel it first") in refused.json()["detail"]
    assert http.get(path).json()["status"] == status


def test_a_removed_job_frees_its_idempotency_key(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    headers = {"Idempotency-Key": "mine"}
    first = http.post("/v1/jobs", json=spec, headers=headers).json()["id"]
    painter.paint(first)
    http.delete(f"/v1/jobs/{first}")

    second = http.post("/v1/jobs", json=spec, headers=headers)

    assert second.status_code == 202
    assert second.json()["id"] != first


def test_an_image_uploaded_again_is_kept_from_then_on(http: httpx.Client, service: Service) -> None:
    image = http.post("/v1/images", content=png()).json()["id"]
    sweeper = Sweeper(service.store, service.artifacts, RetentionSettings(images_seconds=0))

    http.post("/v1/images", content=png())
    sweeper.sweep()

    # Whoever uploads an image is about to name it.
    assert http.get(f"/v1/images/{image}").status_code == 200
