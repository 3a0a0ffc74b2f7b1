"""What happens to a job, streamed."""

import json
import threading
import time
from typing import Any

import httpx
import pytest

from api.sse import ServerSent, server_sent
from tests.api.painter import Painter

Spec = dict[str, Any]


@pytest.fixture
def done(http: httpx.Client, painter: Painter, spec: Spec) -> str:
    """A job that is done."""
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    painter.paint(job_id)
    return job_id


def test_the_stream_of_a_job_that_is_done_tells_all_and_ends(http: httpx.Client, done: str) -> None:
    events = stream(http, done)

    assert (events[0].type, events[-1].type) == ("job.created", "job.succeeded")
    assert [event.type for event in events].count("stage.succeeded") == 3
    data = json.loads(events[-1].data)
    assert (data["id"], data["type"], data["data"]["progress"]) == (events[-1].id, "job.succeeded", 1)


def test_ids_rise(http: httpx.Client, done: str) -> None:
    ids = [tuple(map(int, event.id.split("-"))) for event in stream(http, done)]

    assert ids == sorted(set(ids))


@pytest.mark.parametrize("way", ["header", "query"])
def test_a_stream_is_taken_up_behind_the_last_event_seen(http: httpx.Client, done: str, way: str) -> None:
    events = stream(http, done)

    for seen in (0, 3, len(events) - 2):
        place = (
            {"headers": {"Last-Event-ID": events[seen].id}}
            if way == "header"
            else {"params": {"after": events[seen].id}}
        )
        assert stream(http, done, **place) == events[seen + 1 :]


def test_who_has_seen_everything_is_not_kept_waiting(http: httpx.Client, done: str) -> None:
    last = stream(http, done)[-1].id

    started = time.monotonic()
    events = stream(http, done, headers={"Last-Event-ID": last})

    assert events == []
    assert time.monotonic() - started < 1


def test_events_come_as_they_happen(http: httpx.Client, painter: Painter, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    started = threading.Event()
    heard: list[str] = []

    def listen() -> None:
        with http.stream("GET", f"/v1/jobs/{job_id}/events") as response:
            for event in server_sent(response.iter_bytes()):
                heard.append(event.type)
                started.set()

    listener = threading.Thread(target=listen)
    listener.start()
    assert started.wait(5)
    lease = painter.begin(job_id)
    wait_until(lambda: "stage.running" in heard)
    painter.unit(lease, 0.5, "conv4_2 | octave 1/2", png_preview())
    painter.finish(lease)
    painter.paint(job_id)
    listener.join(10)

    assert not listener.is_alive()
    assert heard[-1] == "job.succeeded"
    assert "stage.preview" in heard


def test_a_canceled_job_ends_its_stream(http: httpx.Client, spec: Spec) -> None:
    job_id = http.post("/v1/jobs", json=spec).json()["id"]
    http.post(f"/v1/jobs/{job_id}/cancel")

    assert stream(http, job_id)[-1].type == "job.canceled"


@pytest.mark.parametrize("event_id", ["x", "1-2-3", "$", "-1"])
def test_an_id_that_is_none_is_refused(http: httpx.Client, done: str, event_id: str) -> None:
    refused = http.get(f"/v1/jobs/{done}/events", headers={"Last-Event-ID": event_id})

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


def test_a_quiet_stream_gives_signs_of_life(http: httpx.Client, spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.2)
    job_id = http.post("/v1/jobs", json=spec).json()["id"]

    with http.stream("GET", f"/v1/jobs/{job_id}/events") as response:
        received = b""
        for piece in response.iter_bytes():
            received += piece
            if b": ping\n\n" in received:
                break

    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"


def test_many_listeners_hear_the_same(http: httpx.Client, done: str) -> None:
    heard: list[list[ServerSent]] = []
    threads = [threading.Thread(target=lambda: heard.append(stream(http, done))) for _ in range(20)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(heard) == 20
    assert all(events == heard[0] for events in heard)


def stream(http: httpx.Client, job_id: str, **options: Any) -> list[ServerSent]:
    with http.stream("GET", f"/v1/jobs/{job_id}/events", **options) as response:
        return list(server_sent(response.iter_bytes()))


def wait_until(condition: Any, seconds: float = 5) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def png_preview() -> bytes:
    """Any bytes: the API does not look into previews."""
    return b"\x89PNG"
