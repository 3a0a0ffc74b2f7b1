"""Streams what happens to a job, as server-sent events that can be taken up again."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.answers import EventAnswer
from api.dependencies import KnownJob, ServicesDep
from api.services import Services
from shared.errors import NotFoundError, StoreUnavailableError
from shared.jobs.events import BEGINNING, FINAL_EVENTS, read_events_async
from shared.jobs.records import JobEvent

router = APIRouter(prefix="/v1/jobs/{job_id}", tags=["jobs"])

EVENT_ID = r"^\d{1,16}(-\d{1,16})?$"
WAIT_SECONDS = 1.0
"""Below the timeout of the connection to Redis."""
LOOK_AFTER_SECONDS = 15
"""How long nothing may come before the job itself is asked whether it is over."""

LastEventId = Annotated[str | None, Header(pattern=EVENT_ID, description="the last event that the client has seen")]
After = Annotated[str | None, Query(pattern=EVENT_ID, description="the same, where headers cannot be set")]


@router.get("/events", response_class=EventSourceResponse)
async def stream_events(
    job: KnownJob, services: ServicesDep, last_event_id: LastEventId = None, after: After = None
) -> AsyncIterator[ServerSentEvent]:
    """Every event of a job behind the last one seen, as it happens; ends with the job."""
    reader = EventReader(services, job.id, last_event_id or after or BEGINNING, over=job.status.final)
    try:
        async for event in reader:
            yield ServerSentEvent(data=EventAnswer(**dict(event)), event=event.type, id=event.id)
    except (StoreUnavailableError, NotFoundError):
        # The headers are long sent: ending the stream makes clients ask again, and then they are told.
        return


class EventReader:
    """The events of one job, one after the other, until its last."""

    def __init__(self, services: Services, job_id: str, after: str, *, over: bool) -> None:
        self.services = services
        self.job_id = job_id
        self.after = after
        self.over = over
        self.idle_seconds = 0.0

    async def __aiter__(self) -> AsyncIterator[JobEvent]:
        """Wait for events and give them out; whoever saw the last one before is not kept waiting."""
        while True:
            found = await self._next()
            for event in found:
                yield event
                if event.type in FINAL_EVENTS:
                    # A job that was taken up again has a final event in the middle of its stream.
                    self.over = self.over or await self._ended()
            if not found and self.over:
                return
            self.over = self.over or await self._ended_meanwhile(bool(found))

    async def _next(self) -> list[JobEvent]:
        key = self.services.store.events_key(self.job_id)
        wait = None if self.over else int(WAIT_SECONDS * 1000)
        found = await read_events_async(self.services.live, key, self.after, wait)
        self.after = found[-1].id if found else self.after
        return found

    async def _ended_meanwhile(self, heard: bool) -> bool:
        """Whether the job is over although its last event was never heard, looked up now and then."""
        self.idle_seconds = 0.0 if heard else self.idle_seconds + WAIT_SECONDS
        if self.idle_seconds < LOOK_AFTER_SECONDS:
            return False
        self.idle_seconds = 0.0
        return await self._ended()

    async def _ended(self) -> bool:
        job = await run_in_threadpool(self.services.store.get, self.job_id)
        return job.status.final
