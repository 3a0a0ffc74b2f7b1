"""The files of a job: listed, given out whole or in parts."""

import hashlib
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from shared.jobs.store import JobStore
from tests.api.conftest import Service
from tests.api.painter import Painter, png

Spec = dict[str, Any]


@pytest.fixture
def done(http: httpx.Client, painter: Painter, spec: Spec) -> str:
    """A job that is done."""
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.paint(job_id)
    return job_id


@pytest.fixture
def gif(done: str) -> str:
    """The path of an animation."""
    return f"/v1/jobs/{done}/artifacts/animation.gif"


def test_files_have_names_that_people_understand(http: httpx.Client, done: str) -> None:
    listed = http.get(f"/v1/jobs/{done}/artifacts").json()["artifacts"]

    assert [item["name"] for item in listed] == [
        "frames/00-conv4_2.npy",
        "frames/00-conv4_2.png",
        "frames/01-conv5_1.npy",
        "frames/01-conv5_1.png",
        "animation.gif",
        "manifest.json",
    ]


def test_frames_painted_in_a_batch_are_listed_as_those_of_separate_stages(
    http: httpx.Client, painter: Painter, batched: str
) -> None:
    painter.paint(batched)

    listed = http.get(f"/v1/jobs/{batched}/artifacts").json()["artifacts"]

    styled = [item for item in listed if item["name"].startswith("styled/")]
    assert [item["name"] for item in styled] == [
        "styled/00-conv4_2.npy",
        "styled/00-conv4_2.png",
        "styled/01-conv5_1.npy",
        "styled/01-conv5_1.png",
    ]
    stages = http.get(f"/v1/jobs/{batched}/stages").json()["stages"]
    assert [(stage["id"], stage["frames"]) for stage in stages if stage["kind"] == "style"] == [("style-00", 2)]
    assert stages[2]["artifacts"] == [item["name"] for item in styled]
    manifest = http.get(f"/v1/jobs/{batched}/artifacts/manifest.json").json()
    assert manifest["stages"][2]["artifacts"] == {item["name"]: item["sha256"] for item in styled}
    latest = http.get(f"/v1/jobs/{batched}/preview").content
    assert latest == http.get(f"/v1/jobs/{batched}/artifacts/styled/01-conv5_1.png").content


def test_every_file_that_is_listed_is_given_out_as_it_was_listed(http: httpx.Client, done: str) -> None:
    for item in http.get(f"/v1/jobs/{done}/artifacts").json()["artifacts"]:
        given = http.get(item["url"])

        assert given.status_code == 200
        assert given.headers["content-type"] == item["media_type"]
        assert len(given.content) == item["bytes"]
        assert hashlib.sha256(given.content).hexdigest() == item["sha256"]


def test_a_file_never_changes_and_says_so(http: httpx.Client, gif: str) -> None:
    given = http.get(gif)

    digest = hashlib.sha256(given.content).hexdigest()
    assert given.headers["etag"] == f'"{digest}"'
    assert "immutable" in given.headers["cache-control"]
    assert given.headers["x-content-type-options"] == "nosniff"
    assert http.get(gif, headers={"If-None-Match": f'"{digest}"'}).status_code == 304


@pytest.mark.parametrize(
    ("header", "part"), [("bytes=0-9", slice(0, 10)), ("bytes=10-", slice(10, None)), ("bytes=-7", slice(-7, None))]
)
def test_a_part_of_a_file_is_given_out(http: httpx.Client, gif: str, header: str, part: slice) -> None:
    whole = http.get(gif).content

    given = http.get(gif, headers={"Range": header})

    assert given.status_code == 206
    assert given.content == whole[part]
    start = range(len(whole))[part].start
    assert given.headers["content-range"] == f"bytes {start}-{start + len(given.content) - 1}/{len(whole)}"


def test_a_part_behind_the_end_is_refused_with_the_size(http: httpx.Client, gif: str) -> None:
    size = len(http.get(gif).content)

    refused = http.get(gif, headers={"Range": f"bytes={size}-"})

    assert (refused.status_code, refused.json()["code"]) == (416, "range_not_satisfiable")
    assert refused.headers["content-range"] == f"bytes */{size}"


def test_a_part_of_another_version_becomes_the_whole(http: httpx.Client, gif: str) -> None:
    given = http.get(gif, headers={"Range": "bytes=0-3", "If-Range": '"another"'})

    assert given.status_code == 200


def test_a_large_file_is_given_out_piece_by_piece(
    http: httpx.Client, gif: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = http.get(gif).content
    monkeypatch.setattr("api.routes.artifacts.CHUNK_BYTES", 7)

    assert http.get(gif).content == whole
    assert http.get(gif, headers={"Range": "bytes=3-50"}).content == whole[3:51]


@pytest.mark.parametrize("name", ["nothing.png", "frames/09-x.png", "..%2F..%2Fresult.json", "frames"])
def test_a_file_that_is_not_there_is_not_found_and_those_that_are_get_named(
    http: httpx.Client, done: str, name: str
) -> None:
    refused = http.get(f"/v1/jobs/{done}/artifacts/{name}")

    assert refused.status_code == 404
    assert "animation.gif" in refused.json()["detail"]


def test_a_file_that_was_removed_is_not_found(http: httpx.Client, service: Service, gif: str) -> None:
    for key in service.artifacts.keys("stages"):
        service.artifacts.delete(key)

    assert http.get(gif).status_code == 404


def test_the_manifest_tells_how_the_pictures_were_made(http: httpx.Client, done: str, spec: Spec) -> None:
    manifest = http.get(f"/v1/jobs/{done}/artifacts/manifest.json").json()

    assert (manifest["job"], manifest["status"], manifest["seed"], manifest["network"]) == (
        done,
        "succeeded",
        7,
        "vgg16",
    )
    assert manifest["spec"]["dream"]["layers"] == spec["dream"]["layers"]
    assert len(manifest["weights"]["vgg16"]) == 64
    assert [stage["seconds"] for stage in manifest["stages"]] == [10.0, 10.0, 10.0]
    assert manifest["stages"][0]["trace"] == [{"objective": 1.0}]


def test_the_manifest_of_a_running_job_tells_what_is_done(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.finish(painter.begin(job_id))

    manifest = http.get(f"/v1/jobs/{job_id}/artifacts/manifest.json")

    assert manifest.json()["status"] == "running"
    assert ["seconds" in stage for stage in manifest.json()["stages"]] == [True, False, False]
    assert manifest.headers["cache-control"] == "no-cache"


def test_there_is_no_preview_before_the_first_picture(http: httpx.Client, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]

    refused = http.get(f"/v1/jobs/{job_id}/preview")

    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_the_preview_is_the_latest_picture(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    first = painter.begin(job_id)

    painter.unit(first, 0.5, preview=png("red"))
    while_running = http.get(f"/v1/jobs/{job_id}/preview")
    painter.finish(first)
    after_stage = http.get(f"/v1/jobs/{job_id}/preview")

    assert pixel(while_running.content) == (255, 0, 0)
    assert after_stage.content == http.get(f"/v1/jobs/{job_id}/artifacts/frames/00-conv4_2.png").content
    tag = after_stage.headers["etag"]
    assert http.get(f"/v1/jobs/{job_id}/preview", headers={"If-None-Match": tag}).status_code == 304


def test_a_preview_that_just_went_gives_way_to_a_finished_frame(
    http: httpx.Client, service: Service, painter: Painter, spec: Spec
) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.finish(painter.begin(job_id))
    painter.unit(painter.begin(job_id), 0.5, preview=png("red"))

    service.artifacts.delete(preview_key(service.store, job_id))

    given = http.get(f"/v1/jobs/{job_id}/preview")
    assert given.content == http.get(f"/v1/jobs/{job_id}/artifacts/frames/00-conv4_2.png").content


def preview_key(store: JobStore, job_id: str) -> str:
    return next(stage.preview for stage in store.stages(job_id) if stage.preview and not stage.status.done)


def pixel(data: bytes) -> Any:
    with Image.open(io.BytesIO(data)) as image:
        return image.getpixel((0, 0))
