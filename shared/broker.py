"""The Celery side of dreamqueue for those who send: settings, names, waiting messages, words to Flower.

Celery messages are doorbells: they carry ids, and may be lost, doubled or late without harm.
"""

# Celery and kombu come without types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import base64
import json
import secrets
import ssl
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import redis
from celery import Celery
from kombu.exceptions import OperationalError
from kombu.transport.redis import Channel

from shared.errors import StoreUnavailableError
from shared.jobs.connection import UNAVAILABLE, answering, connect
from shared.jobs.records import Failure
from shared.plan.records import StageKind
from shared.settings import RedisSettings, Settings
from shared.transport import install

QUEUE = "dreamqueue"
PRIORITIES = range(10)
"""The most that kombu has; messages of 0 are taken first."""
TASKS: Mapping[StageKind, str] = MappingProxyType({kind: f"dreamqueue.{kind.value}" for kind in StageKind})

MOVE = """
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call('LPUSH', KEYS[2], ARGV[1])
return 1
"""
"""The message stays as it is, and so the same task in Flower; the list alone decides when it is taken."""

Broker = Celery
"""What messages are sent with; nobody else on this side need know that it is Celery."""
StageRef = tuple[str, str]
"""A job's id and a stage's id."""


@dataclass(frozen=True)
class Message:
    """A message that waits to be taken.

    Attributes:
        stage: what it rings for.
        priority: which of the queue's lists it lies in.
        text: as it lies there.
    """

    stage: StageRef
    priority: int
    text: str


def celery_app(settings: Settings) -> Broker:
    """Celery as measurements have shown that it must be set up on Redis."""
    install()
    app = Celery("dreamqueue", broker=settings.redis.broker, set_as_current=False)
    app.conf.update(_configuration(settings.redis))
    return app


def _configuration(redis_settings: RedisSettings) -> dict[str, Any]:
    return {
        "accept_content": ["json"],
        "task_default_queue": QUEUE,
        "task_ignore_result": True,
        # A late ack runs a task twice once it outlasts the visibility timeout or loses its connection.
        "task_acks_late": False,
        # Without this an early ack holds one message hostage behind a busy worker.
        "worker_disable_prefetch": True,
        "worker_prefetch_multiplier": 1,
        # After a fork any operation of TensorFlow may hang for ever.
        "worker_pool_start_method": "spawn",
        # Loading TensorFlow takes longer than the four seconds that a child is given to say that it is up.
        "worker_proc_alive_timeout": 300.0,
        "worker_send_task_events": True,
        "task_send_sent_event": True,
        # Our own log stays ours.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        # Retrying publishers blocked for 19 seconds; what is not sent now is sent by the reconciler.
        "task_publish_retry": False,
        # Without it kombu takes any certificate; what the address says of TLS takes its place.
        "broker_use_ssl": {"ssl_cert_reqs": ssl.CERT_REQUIRED} if redis_settings.broker.startswith("rediss:") else None,
        "broker_connection_timeout": redis_settings.connect_timeout_seconds,
        "broker_connection_retry_on_startup": True,
        # A stage outlives its messages: it goes on while the broker is away.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "socket_connect_timeout": redis_settings.connect_timeout_seconds,
            "socket_timeout": redis_settings.timeout_seconds,
            "socket_keepalive": True,
            "priority_steps": list(PRIORITIES),
        },
    }


def send(app: Broker, kind: StageKind, job_id: str, stage_id: str, priority: int) -> None:
    """Ring for a stage.

    Raises:
        StoreUnavailableError: the broker cannot be reached; nothing was sent.
    """
    # Readable ids make Flower's list readable.
    task_id = f"{job_id}.{stage_id}.{secrets.token_hex(4)}"
    with _reachable():
        app.send_task(
            TASKS[kind], args=[job_id, stage_id], task_id=task_id, queue=QUEUE, priority=priority, retry=False
        )


def connect_broker(settings: Settings) -> redis.Redis:
    """A plain client of the broker's database, to look at messages that wait."""
    return connect(settings.redis.broker, settings.redis)


def waiting_messages(client: redis.Redis) -> tuple[Message, ...]:
    """Our messages that no worker has taken yet, in the order in which they are taken."""
    with answering(), client.pipeline(transaction=True) as pipeline:
        for priority in PRIORITIES:
            pipeline.lrange(_list_of(priority), 0, -1)
        lists = pipeline.execute()
    return tuple(_messages(lists))


def move(client: redis.Redis, message: Message, priority: int) -> bool:
    """Give a waiting message another priority; False when a worker was faster."""
    script: Any = client.register_script(MOVE)
    with answering():
        return script(keys=[_list_of(message.priority), _list_of(priority)], args=[message.text]) == 1


def tell_flower_failed(app: Broker, worker: str, task_id: str, failure: Failure) -> None:
    """Tell Flower, in the name of a worker that died, that its task has failed."""
    with _reachable(), app.connection_for_write() as connection, app.events.Dispatcher(connection, worker) as events:
        events.send("task-failed", uuid=task_id, exception=failure.message, traceback=failure.account, retry=False)


def _list_of(priority: int) -> str:
    """The key of a list of the queue, as kombu names it."""
    return f"{QUEUE}{Channel.sep}{priority}" if priority else QUEUE


def _messages(lists: Sequence[Sequence[str]]) -> Iterator[Message]:
    for priority, texts in enumerate(lists):
        # They are put in at the left and taken at the right.
        for text in reversed(texts):
            stage = _stage_of(text)
            if stage is not None:
                yield Message(stage, priority, text)


def _stage_of(message: str) -> StageRef | None:
    """The stage that a message rings for; None for one that is not ours."""
    try:
        job_id, stage_id = json.loads(base64.b64decode(json.loads(message)["body"]))[0]
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return job_id, stage_id


@contextmanager
def _reachable() -> Generator[None]:
    try:
        yield
    except (OperationalError, *UNAVAILABLE) as error:
        raise StoreUnavailableError(f"the broker does not answer: {error}") from error
