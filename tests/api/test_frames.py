"""Jobs that start from a frame of another."""

from typing import Any

import httpx
import pytest

from shared.images import image_key
from tests.api.conftest import Service
from tests.api.painter import Painter

Spec = dict[str, Any]


@pytest.fixture
def first(http: httpx.Client, spec: Spec) -> str:
    """A job whose frames others start from."""
    return http.post("/v1/jobs", json=spec).json()["id"]


def starting_from(spec: Spec, job_id: str, index: int) -> Spec:
    return {**spec, "source": {"frame": {"job": job_id, "index": index}}}


def test_a_job_starts_from_the_picture_that_another_has_made(
    http: httpx.Client, service: Service, painter: Painter, spec: Spec, first: str
) -> None:
    painter.paint(first)

    accepted = http.post("/v1/jobs", json=starting_from(spec, first, 1))

    image = accepted.json()["spec"]["source"]["image"]
    shown = http.get(f"/v1/jobs/{first}/artifacts/frames/01-conv5_1.png").content
    assert accepted.status_code == 202
    assert service.artifacts.size(image_key(image)) is not None
    assert image == http.post("/v1/images", content=shown, headers={"Content-Type": "image/png"}).json()["id"]


def test_a_frame_is_the_painted_one_where_the_job_paints(
    http: httpx.Client, painter: Painter, spec: Spec, first: str
) -> None:
    painter.paint(first)
    shown = http.get(f"/v1/jobs/{first}/artifacts/frames/01-conv5_1.png").content
    style = http.post("/v1/images", content=shown, headers={"Content-Type": "image/png"}).json()["id"]
    painted = http.post("/v1/jobs", json={**spec, "style": {"images": [{"image": style}]}}).json()["id"]
    painter.paint(painted)

    accepted = http.post("/v1/jobs", json=starting_from(spec, painted, 0))

    picture = http.get(f"/v1/jobs/{painted}/artifacts/styled/00-conv4_2.png").content
    image = http.post("/v1/images", content=picture, headers={"Content-Type": "image/png"}).json()["id"]
    assert accepted.json()["spec"]["source"]["image"] == image


def test_a_frame_painted_in_a_batch_is_found_by_its_own_number(
    http: httpx.Client, painter: Painter, spec: Spec, batched: str
) -> None:
    painter.paint(batched)

    accepted = http.post("/v1/jobs", json=starting_from(spec, batched, 1))

    picture = http.get(f"/v1/jobs/{batched}/artifacts/styled/01-conv5_1.png").content
    image = http.post("/v1/images", content=picture, headers={"Content-Type": "image/png"}).json()["id"]
    assert accepted.json()["spec"]["source"]["image"] == image
    beyond = http.post("/v1/jobs", json=starting_from(spec, batched, 2)).json()
    assert "its frames are 0 to 1" in beyond["detail"]


def test_a_frame_that_is_not_made_yet_is_a_conflict_and_can_be_had_later(
    http: httpx.Client, painter: Painter, spec: Spec, first: str
) -> None:
    painter.finish(painter.begin(first))

    made, unmade = (http.post("/v1/jobs", json=starting_from(spec, first, index)) for index in (0, 1))

    assert (made.status_code, unmade.status_code, unmade.json()["code"]) == (202, 409, "conflict")
    assert "its stage dream-01 is queued; submit again once it has succeeded" in unmade.json()["detail"]


@pytest.mark.parametrize(("job", "index", "told"), [("job_nobody", 0, "no job"), (None, 9, "its frames are 0 to 1")])
def test_a_job_or_frame_that_does_not_exist_is_not_found(
    http: httpx.Client, painter: Painter, spec: Spec, first: str, job: str | None, index: int, told: str
) -> None:
    painter.paint(first)

    refused = http.post("/v1/jobs", json=starting_from(spec, job or first, index))

    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert told in refused.json()["detail"]


def test_a_frame_whose_file_is_gone_or_damaged_is_not_taken(
    http: httpx.Client, service: Service, painter: Painter, spec: Spec, first: str
) -> None:
    painter.paint(first)
    keys = {
        stage.id: artifact.key
        for stage in service.store.stages(first)
        for artifact in stage.artifacts
        if artifact.name == "frame.png"
    }
    service.artifacts.delete(keys["dream-00"])
    service.artifacts.put(keys["dream-01"], b"no picture")

    gone, damaged = (http.post("/v1/jobs", json=starting_from(spec, first, index)) for index in (0, 1))

    assert (gone.status_code, damaged.status_code) == (404, 503)
    assert "is damaged" in damaged.json()["detail"]


def test_a_dry_run_looks_for_the_frame_too(http: httpx.Client, spec: Spec) -> None:
    refused = http.post("/v1/jobs", json=starting_from(spec, "job_nobody", 0), params={"dry_run": True})

    assert refused.status_code == 404
