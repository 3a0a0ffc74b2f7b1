"""Reads the event stream of a job.

Types: job.created, job.queued (resumed or retried), job.running, job.paused, job.canceling, job.canceled,
job.succeeded, job.failed; stage.queued (waiting for a worker again), stage.running, stage.progress, stage.preview,
stage.succeeded, stage.reused, stage.failed, stage.canceled, stage.lost (its worker stopped answering),
stage.released (given back unharmed).

The data of every event has `job`, `status`, `progress` (of the job, 0..1), `stages_done` and `stages_total`; events of
a stage have `stage` besides: `id`, `kind`, `label`, `index`, `status`, `attempts`, `progress` and, where known,
`detail`, `worker`, `preview`, `eta_seconds`, `failure`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, cast

import redis
import redis.asyncio

from shared.jobs.connection import answering
from shared.jobs.records import JobEvent

BEGINNING = "0"
MOST_AT_ONCE = 500
FINAL_EVENTS = frozenset({"job.succeeded", "job.failed", "job.canceled"})

Entry = tuple[str, Mapping[str, str]]


def decode(entry: Entry) -> JobEvent:
    """An event from an entry of the stream."""
    entry_id, fields = entry
    milliseconds = int(entry_id.partition("-")[0])
    return JobEvent(
        id=entry_id,
        type=fields["type"],
        at=datetime.fromtimestamp(milliseconds / 1000, UTC),
        data=json.loads(fields["data"]),
    )


def read_events(client: redis.Redis, key: str, after: str = BEGINNING, block_ms: int | None = None) -> list[JobEvent]:
    """The events behind the id `after`; when there are none, those that come within `block_ms`.

    Args:
        client: as in `JobStore.redis`; `block_ms` must stay below its timeout.
        key: as `JobStore.events_key` names it.
        after: the id of the last event seen.
        block_ms: how long to wait, in milliseconds; None waits not at all.
    """
    with answering():
        return _events(client.xread({key: after}, count=MOST_AT_ONCE, block=block_ms))


async def read_events_async(
    client: redis.asyncio.Redis, key: str, after: str = BEGINNING, block_ms: int | None = None
) -> list[JobEvent]:
    """The same on asyncio."""
    with answering():
        return _events(await client.xread({key: after}, count=MOST_AT_ONCE, block=block_ms))


def _events(answer: Any) -> list[JobEvent]:
    """The entries of the one stream that was asked for; RESP2 answers pairs, RESP3 a mapping."""
    streams = list(
        cast("dict[str, Any]", answer).values() if isinstance(answer, dict) else map(itemgetter(1), answer or ())
    )
    found: list[JobEvent] = []
    for entries in streams:
        found.extend(decode(entry) for entry in _flat(entries))
    return found


def _flat(entries: Any) -> list[Entry]:
    """RESP3 lays the entries of a stream one list deeper."""
    return entries[0] if entries and isinstance(entries[0], list) else entries
