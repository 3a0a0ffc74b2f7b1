"""Everything that the service asks of Redis, done once in this process."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from celery import Celery
from kombu.messaging import Consumer

from shared.broker import move, send, tell_flower_failed, waiting_messages
from shared.equipment import Equipment
from shared.jobs.events import read_events
from shared.jobs.records import Failure, JobRecord
from shared.jobs.store import JobStore
from shared.leases import Lease, Leases, UnitReport
from shared.plan.records import StageKind
from shared.reconciler import Reconciler, open_reconciler
from shared.settings import LeaseSettings, RedisSettings, Settings
from tests.counting import counting_plan, counting_spec

BROKEN = Failure(code="broken", message="it broke")
PATIENCE_SECONDS = 1.0
LEASE = LeaseSettings(seconds=10, attempts=3, pause_seconds=0)


def use_everything(url: str) -> None:
    """Ask everything once, of an empty Redis; what is refused is raised."""
    settings = Settings(redis=RedisSettings(url=url), lease=LEASE)
    reconciler = open_reconciler(settings)
    try:
        use_store(reconciler)
        use_broker(reconciler.broker)
        send(reconciler.broker, StageKind.DREAM, "job", "dream-00", 0)
        move(reconciler.queue, waiting_messages(reconciler.queue)[0], priority=1)
    finally:
        reconciler.queue.close()
        reconciler.store.redis.close()


def use_store(reconciler: Reconciler) -> None:
    """Every transition and every reading."""
    store, leases = reconciler.store, reconciler.leases
    store.ping()
    store.report_equipment("cpu0", Equipment(("vgg16",)))
    store.equipment()
    # Of another age: nothing that was reported is kept.
    store.transitions.run("equipment", "", "", "", -1)
    job = submitted(store, idempotency_key="key")
    submitted(store, idempotency_key="key")
    carry_out(leases, job, "dream-00")
    store.pause(job.id)
    store.resume(job.id)
    lease = acquired(leases, job, "dream-01")
    leases.renew(lease)
    leases.record_unit(lease, UnitReport(progress=0.5, preview="previews/a.png", checkpoint="checkpoints/a.npz"))
    leases.release(lease)
    leases.reopen(acquired(leases, job, "dream-01"), BROKEN, ["dream-00"])
    leases.fail(acquired(leases, job, "dream-00"), BROKEN, retry=False)
    store.retry(job.id)
    acquired(leases, job, "dream-00")
    store.redis.delete(f"{store.prefix}:lease:{job.id}:dream-00")
    # What is missing is rung for at the second look.
    for _ in range(3):
        reconciler.step()
    store.cancel(job.id)
    store.page(status=store.get(job.id).status)
    store.stages(job.id)
    read_events(store.redis, store.events_key(job.id))


def submitted(store: JobStore, idempotency_key: str) -> JobRecord:
    spec = counting_spec(4, 5)
    return store.create(spec, counting_plan(spec), idempotency_key=idempotency_key)[0]


def acquired(leases: Leases, job: JobRecord, stage_id: str) -> Lease:
    lease = leases.acquire(job.id, stage_id, "cpu0@here", "task")
    assert isinstance(lease, Lease), lease
    return lease


def carry_out(leases: Leases, job: JobRecord, stage_id: str) -> None:
    leases.commit(acquired(leases, job, stage_id), (), 1.0)


def use_broker(app: Celery) -> None:
    """All that workers, their senders and Flower ask of the broker."""
    with app.connection_for_read() as connection:
        channel = connection.channel()
        queue = app.amqp.queues[app.conf.task_default_queue]
        taken: list[Any] = []
        with Consumer(channel, [queue(channel)], callbacks=[lambda _body, message: taken.append(message)]):
            send(app, StageKind.DREAM, "job", "dream-00", 0)
            drain_until(connection, taken)
            taken.pop().reject(requeue=True)
            drain_until(connection, taken)
            taken.pop().ack()
            send(app, StageKind.DREAM, "job", "dream-00", 0)
            drain_until(connection, taken)
            channel.qos.restore_visible(num=10, interval=1)
            channel.qos.restore_unacked()
        answered(app)
        heard_of(app, connection)


def answered(app: Celery) -> None:
    """Celery's remote control, from both ends."""
    asked: list[str] = []
    handlers = {"ping": asked.append}
    with app.connection_for_read() as connection, ThreadPoolExecutor(1) as pool:
        node = app.control.mailbox(connection).Node("cpu0@here", state="well", handlers=handlers)
        node.channel = connection.channel()
        with node.listen():
            subscribe(connection)
            answering = pool.submit(drain_until, connection, asked)
            replies = app.control.ping(timeout=PATIENCE_SECONDS, limit=1)
            answering.result()
    assert replies


def subscribe(connection: Any) -> None:
    """What is published before kombu looks for it the first time is lost."""
    with suppress(TimeoutError):
        connection.drain_events(timeout=0.1)


def drain_until(connection: Any, come: list[Any]) -> None:
    """Take messages until one has come."""
    while not come:
        connection.drain_events(timeout=PATIENCE_SECONDS)


def heard_of(app: Celery, connection: Any) -> None:
    """Celery's events, from both ends."""
    heard: list[Any] = []
    receiver = app.events.Receiver(connection, handlers={"*": heard.append})
    with receiver.consumer_context(wakeup=False) as (own, _, _):
        subscribe(own)
        tell_flower_failed(app, "cpu0@here", "task", BROKEN)
        drain_until(own, heard)
