"""The Python client of the HTTP API."""

import json
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from api.answers import (
    ArtifactAnswer,
    ArtifactList,
    EventAnswer,
    ImageAnswer,
    JobAnswer,
    JobPage,
    NetworkList,
    PlanAnswer,
    PresetAnswer,
    PresetList,
    Problem,
    StageList,
)
from api.client_errors import ApiError, NoConnectionError
from api.download import download
from api.sse import server_sent
from shared.jobs.owner import ANONYMOUS, checked_owner
from shared.jobs.status import JobStatus

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
EVENTS_TIMEOUT = httpx.Timeout(5.0, read=45.0)
"""The service sends a comment every 15 s; three missed mean that the connection is dead."""
UNAVAILABLE = 503
FINAL_EVENTS = frozenset(f"job.{status}" for status in JobStatus if status.final)

JSON = {b"Content-Type": b"application/json"}

Answer = TypeVar("Answer", bound=BaseModel)


class Client:
    """Speaks to one service.

    Every method may raise ApiError, when the service refuses, and NoConnectionError, when none answers.

    Args:
        url: such as `http://127.0.0.1:8000`.
        patience_seconds: how long `events` and `download` wait for a service that went away to come back.
    """

    def __init__(
        self, url: str, *, patience_seconds: float = 60.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.patience_seconds = patience_seconds
        self._http = httpx.Client(base_url=self.url, timeout=TIMEOUT, transport=transport)

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def upload(self, path: Path) -> ImageAnswer:
        """Hand in a picture; the same bytes have the same id."""
        headers = {"Content-Type": "application/octet-stream"}
        return self._ask(ImageAnswer, "POST", "/v1/images", content=path.read_bytes(), headers=headers)

    def submit(self, spec: Mapping[str, Any], idempotency_key: str | None = None, owner: str = ANONYMOUS) -> JobAnswer:
        """Hand in a job. With a key of the owner's own, handing in twice makes one job.

        Raises:
            BadOwnerError: the owner's name cannot be one.
        """
        headers = {
            b"Idempotency-Key": (idempotency_key or uuid.uuid4().hex).encode(),
            b"Dreamqueue-Owner": checked_owner(owner).encode(),
        }
        return self._ask(JobAnswer, "POST", "/v1/jobs", content=_written(spec), headers={**JSON, **headers})

    def plan(self, spec: Mapping[str, Any]) -> PlanAnswer:
        """What a job would do, without doing it."""
        return self._ask(
            PlanAnswer, "POST", "/v1/jobs", params={"dry_run": "true"}, content=_written(spec), headers=JSON
        )

    def job(self, job_id: str) -> JobAnswer:
        """One job."""
        return self._ask(JobAnswer, "GET", _job(job_id))

    def jobs(self, status: JobStatus | None = None, cursor: str | None = None, limit: int = 50) -> JobPage:
        """Some jobs, newest first."""
        asked = {"status": status, "cursor": cursor, "limit": limit}
        return self._ask(JobPage, "GET", "/v1/jobs", params={key: value for key, value in asked.items() if value})

    def stages(self, job_id: str) -> StageList:
        """The stages of a job, each after those it needs."""
        return self._ask(StageList, "GET", f"{_job(job_id)}/stages")

    def artifacts(self, job_id: str) -> ArtifactList:
        """Every file that a job has made so far."""
        return self._ask(ArtifactList, "GET", f"{_job(job_id)}/artifacts")

    def networks(self) -> NetworkList:
        """Every network that a spec can name."""
        return self._ask(NetworkList, "GET", "/v1/networks")

    def presets(self) -> PresetList:
        """Every job that comes with dreamqueue."""
        return self._ask(PresetList, "GET", "/v1/presets")

    def preset(self, name: str) -> PresetAnswer:
        """One of them, with its spec."""
        return self._ask(PresetAnswer, "GET", f"/v1/presets/{quote(name, safe='')}")

    def cancel(self, job_id: str) -> JobAnswer:
        """Stop a job."""
        return self._ask(JobAnswer, "POST", f"{_job(job_id)}/cancel")

    def pause(self, job_id: str) -> JobAnswer:
        """Let a job rest."""
        return self._ask(JobAnswer, "POST", f"{_job(job_id)}/pause")

    def resume(self, job_id: str) -> JobAnswer:
        """Wake a paused job."""
        return self._ask(JobAnswer, "POST", f"{_job(job_id)}/resume")

    def retry(self, job_id: str) -> JobAnswer:
        """Take up a failed job where it failed."""
        return self._ask(JobAnswer, "POST", f"{_job(job_id)}/retry")

    def remove(self, job_id: str) -> None:
        """Remove a job that has ended, with the pictures that no other job refers to."""
        with self._told():
            _check(self._http.delete(_job(job_id)))

    def download(
        self, artifact: ArtifactAnswer, folder: Path, on_bytes: Callable[[int], None] = lambda _: None
    ) -> Path:
        """Fetch a file into a folder, under its own name; a broken download is taken up where it stopped.

        Raises:
            DownloadError: what came is not what was announced.
        """
        with self._told():
            return download(self._http, artifact, folder, on_bytes)

    def events(self, job_id: str, after: str | None = None) -> Iterator[EventAnswer]:
        """Everything that happens to a job, until it ends; lost connections are made anew behind the last event."""
        silent_since = time.monotonic()
        last = after
        final = False
        while True:
            heard = False
            try:
                for event in self._stream(job_id, last):
                    last, final, heard = event.id, event.type in FINAL_EVENTS, True
                    silent_since = time.monotonic()
                    yield event
                # A stream that ends without the job's last event was cut short, unless there was nothing left to tell.
                if final or (not heard and self.job(job_id).status.final):
                    return
            except (NoConnectionError, ApiError) as error:
                refused = isinstance(error, ApiError) and error.status != UNAVAILABLE
                if refused or time.monotonic() - silent_since > self.patience_seconds:
                    raise
            time.sleep(min(1.0, self.patience_seconds / 10))

    def _stream(self, job_id: str, after: str | None) -> Iterator[EventAnswer]:
        """The events that one connection brings."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        path = f"{_job(job_id)}/events"
        with self._told(), self._http.stream("GET", path, headers=headers, timeout=EVENTS_TIMEOUT) as response:
            _check(response)
            for event in server_sent(response.iter_bytes()):
                yield EventAnswer.model_validate_json(event.data)

    def _ask(self, kind: type[Answer], method: str, path: str, **options: Any) -> Answer:
        with self._told():
            response = self._http.request(method, path, **options)
            _check(response)
        try:
            return kind.model_validate_json(response.content)
        except ValidationError as error:
            raise NoConnectionError(
                self.url, f"what answers there is no dreamqueue: {error.error_count()} errors"
            ) from None

    @contextmanager
    def _told(self) -> Generator[None]:
        """Turn what httpx raises into our errors."""
        try:
            yield
        except httpx.HTTPStatusError as error:
            raise _refusal(error.response) from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NoConnectionError(self.url, str(error) or type(error).__name__) from error


def _job(job_id: str) -> str:
    """The path of a job; whatever an id may hold, it is one step of it."""
    return f"/v1/jobs/{quote(job_id, safe='')}"


def _written(spec: Mapping[str, Any]) -> bytes:
    """A spec as JSON; NaN and infinity too, for the service says where they stand and what is possible."""
    return json.dumps(spec).encode()


def _check(response: httpx.Response) -> None:
    if response.is_error:
        response.read()
        raise _refusal(response)


def _refusal(response: httpx.Response) -> ApiError:
    """What the service says against it; proxies in between may answer in other ways."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return ApiError(response.status_code, "unknown", f"{response.status_code} {response.reason_phrase}")
    return ApiError(problem.status, problem.code, problem.detail, problem.errors or ())
