"""The Python client against the real service."""

import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.answers import ArtifactAnswer
from api.client import Client
from api.client_errors import ApiError, DownloadError, NoConnectionError
from shared.errors import BadOwnerError
from tests.api.conftest import Server, Service
from tests.api.painter import Painter, png

Spec = dict[str, Any]


def test_a_job_goes_from_spec_to_files(client: Client, painter: Painter, spec: Spec, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(png(size=(50, 80)))
    image = client.upload(tmp_path / "cat.png")
    job = client.submit({**spec, "source": {"image": image.id}})

    painter.paint(job.id)
    events = list(client.events(job.id))
    files = [client.download(item, tmp_path / "out") for item in client.artifacts(job.id).artifacts]

    assert events[-1].type == "job.succeeded"
    assert client.job(job.id).status == "succeeded"
    assert [path.relative_to(tmp_path / "out").as_posix() for path in files][-2:] == ["animation.gif", "manifest.json"]
    assert all(path.is_file() for path in files)


def test_a_job_is_handed_in_for_an_owner_of_any_script(client: Client, spec: Spec) -> None:
    assert client.submit(spec, owner="Ада").owner == "Ада"
    assert client.submit(spec).owner == "anonymous"


def test_a_name_that_no_owner_can_have_is_not_sent(client: Client, spec: Spec) -> None:
    with pytest.raises(BadOwnerError, match="1 to 64 printable characters"):
        client.submit(spec, owner="ada\r\nX-Other: 1")

    assert client.jobs().jobs == []


def test_a_plan_makes_no_job(client: Client, spec: Spec) -> None:
    plan = client.plan(spec)

    assert len(plan.stages) == 3
    assert client.jobs().jobs == []


def test_a_refusal_tells_every_mistake(client: Client, spec: Spec) -> None:
    with pytest.raises(ApiError) as caught:
        client.submit({**spec, "dream": {"itertions": 3, "repeats": -1}})

    assert (caught.value.status, caught.value.code) == (422, "invalid_spec")
    assert {error.pointer for error in caught.value.errors} == {"/dream/itertions", "/dream/repeats"}


@pytest.mark.parametrize("job_id", ["job_nobody", "../networks", "a/b", "?x=1", "%2e%2e", "a#b"])
def test_an_id_is_never_more_than_an_id(client: Client, job_id: str) -> None:
    with pytest.raises(ApiError) as caught:
        client.job(job_id)

    assert caught.value.status == 404


def test_jobs_can_be_filtered(client: Client, spec: Spec) -> None:
    job = client.submit(spec)
    client.cancel(job.id)

    assert [found.id for found in client.jobs(status="canceled").jobs] == [job.id]  # type: ignore[arg-type]
    assert client.jobs(status="running").jobs == []  # type: ignore[arg-type]


def test_nobody_at_the_address_is_told_with_what_to_do() -> None:
    with Client("http://127.0.0.1:1") as nobody, pytest.raises(NoConnectionError) as caught:
        nobody.jobs()

    assert "http://127.0.0.1:1" in str(caught.value)
    assert "dreamqueue up" in str(caught.value)


def test_somebody_else_at_the_address_is_told() -> None:
    with (
        client_of(lambda _: httpx.Response(200, text="<html>")) as other,
        pytest.raises(NoConnectionError, match="no dreamqueue"),
    ):
        other.jobs()


def test_a_refusal_of_a_proxy_in_between_is_an_error_too() -> None:
    with client_of(lambda _: httpx.Response(502, text="<html>")) as proxied, pytest.raises(ApiError) as caught:
        proxied.jobs()

    assert caught.value.status == 502


def test_events_go_on_behind_the_last_one_seen(client: Client, painter: Painter, spec: Spec) -> None:
    job = client.submit(spec)
    painter.paint(job.id)
    events = list(client.events(job.id))

    assert list(client.events(job.id, after=events[2].id)) == events[3:]
    assert list(client.events(job.id, after=events[-1].id)) == []


def test_events_survive_a_restart_of_the_service(
    service: Service, client: Client, painter: Painter, spec: Spec
) -> None:
    job = client.submit(spec)
    heard: list[str] = []
    watcher = threading.Thread(target=lambda: heard.extend(event.type for event in client.events(job.id)))

    watcher.start()
    painter.finish(painter.begin(job.id))
    service.server.stop()
    painter.paint(job.id)
    again = Server(service.settings, int(service.url.rpartition(":")[2]))
    again.start()
    watcher.join(10)
    again.stop()

    assert heard[0] == "job.created"
    assert heard[-1] == "job.succeeded"
    assert heard.count("stage.succeeded") == 3


def test_a_stream_cut_short_is_taken_up_behind_the_last_event() -> None:
    asked: list[str | None] = []
    pieces = {
        None: event(1, "job.created") + event(2, "stage.running") + "data: half",
        "2-0": "",
        "3-0": event(4, "job.succeeded"),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/events"):
            return httpx.Response(503, json=PROBLEM)
        last = request.headers.get("last-event-id")
        asked.append(last)
        if len(asked) == 2:
            raise httpx.ConnectError("away")
        return httpx.Response(200, text=event(3, "stage.progress") if len(asked) == 3 else pieces[last])

    with client_of(answer) as cut:
        heard = [event.id for event in cut.events("job_1")]

    assert heard == ["1-0", "2-0", "3-0", "4-0"]
    assert asked == [None, "2-0", "2-0", "3-0"]


def test_a_service_that_stays_away_is_given_up() -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    started = time.monotonic()
    with client_of(away) as client, pytest.raises(NoConnectionError):
        list(client.events("job_1"))

    assert time.monotonic() - started < 5


def test_a_download_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("range"))
        headers = {"ETag": f'"{artifact.sha256}"'}
        if len(asked) == 1:
            return httpx.Response(200, headers=headers, stream=Breaking(data[:100]))
        start = int((request.headers["range"]).removeprefix("bytes=").rstrip("-"))
        return httpx.Response(206, headers=headers, content=data[start:])

    artifact = artifact_of(data)
    with client_of(answer) as client:
        path = client.download(artifact, tmp_path)

    assert path.read_bytes() == data
    assert asked == [None, "bytes=100-"]


def test_a_damaged_download_leaves_nothing_behind(tmp_path: Path) -> None:
    artifact = artifact_of(b"right")
    headers = {"ETag": f'"{artifact.sha256}"'}

    answer = httpx.Response(200, headers=headers, content=b"wrong")
    with client_of(lambda _: answer) as client, pytest.raises(DownloadError, match="damaged"):
        client.download(artifact, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_lies_there_already_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"right")

    def never(_: httpx.Request) -> httpx.Response:
        raise AssertionError

    with client_of(never) as client:
        assert client.download(artifact_of(b"right"), tmp_path) == tmp_path / "a.png"


@pytest.mark.parametrize("name", ["../a.png", "/etc/passwd", "frames/../../a.png", "."])
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    artifact = artifact_of(b"x").model_copy(update={"name": name})

    answer = httpx.Response(200, content=b"x")
    with client_of(lambda _: answer) as client, pytest.raises(DownloadError, match="leads out"):
        client.download(artifact, tmp_path / "out")


PROBLEM = {"title": "away", "status": 503, "detail": "away", "code": "store_unavailable"}


class Breaking(httpx.SyncByteStream):
    """A body whose connection breaks behind its first bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __iter__(self) -> Any:
        """The bytes, then the break."""
        yield self.data
        raise httpx.ReadError("broken")


def client_of(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client("http://service", patience_seconds=1, transport=httpx.MockTransport(answer))


def artifact_of(data: bytes) -> ArtifactAnswer:
    digest = hashlib.sha256(data).hexdigest()
    return ArtifactAnswer(name="a.png", bytes=len(data), sha256=digest, media_type="image/png", url="/a.png")


def event(number: int, kind: str) -> str:
    data = f'{{"id":"{number}-0","type":"{kind}","at":"2026-01-01T00:00:00Z","data":{{}}}}'
    return f"event: {kind}\ndata: {data}\nid: {number}-0\n\n"
