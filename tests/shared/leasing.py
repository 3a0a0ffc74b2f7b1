"""Takes stages, and loses them, as workers do."""

import time

from shared.jobs.records import ArtifactRef, Failure, JobRecord
from shared.jobs.store import JobStore
from shared.leases import Lease, Leases, Orphan
from shared.settings import LeaseSettings
from tests.counting import counting_plan, counting_spec

BROKEN = Failure(code="broken", message="it broke")
FRAME = ArtifactRef(name="frame.png", key="stages/aa/frame.png", sha256="00", bytes=3, media_type="image/png")
LEASE_SECONDS = 0.3


def short_leases(store: JobStore) -> Leases:
    """Leases that a test can wait out."""
    return Leases(store.redis, store.prefix, LeaseSettings(seconds=LEASE_SECONDS, attempts=2, pause_seconds=0))


def submitted(store: JobStore) -> JobRecord:
    """A job of five stages that only count."""
    spec = counting_spec(4, 5)
    return store.create(spec, counting_plan(spec))[0]


def begin(leases: Leases, job: JobRecord, stage_id: str = "dream-00") -> Lease:
    """Take a stage."""
    lease = leases.acquire(job.id, stage_id, "cpu0@here", "task")
    assert isinstance(lease, Lease)
    return lease


def orphan(store: JobStore, job: JobRecord) -> Orphan:
    """The stage whose lease has run out."""
    time.sleep(LEASE_SECONDS + 0.05)
    _, _, [fields] = store.transitions.run("look", job.id)
    stage_id, token, worker, task_id, attempts = fields
    return Orphan(job.id, stage_id, token, worker, task_id, int(attempts))
