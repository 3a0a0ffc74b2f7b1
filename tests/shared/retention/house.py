"""A job store and an artifact store, in which tests do by hand what clients and workers do."""

from dataclasses import dataclass

from shared.artifacts.store import ArtifactStore
from shared.images import image_key
from shared.jobs.records import ArtifactRef, JobRecord
from shared.jobs.store import JobStore
from shared.leases import Lease, UnitReport
from shared.results import RESULT, result_folder
from shared.retention.report import Report
from shared.retention.sweep import Sweeper
from shared.settings import RetentionSettings
from tests.counting import STYLE_IMAGE, counting_plan, counting_spec
from tests.shared.leasing import short_leases

AT_ONCE = RetentionSettings(
    leftovers_seconds=0, artifacts_seconds=0, records_seconds=0, images_seconds=0, quarantine_seconds=0
)
RECORDS_STAY = AT_ONCE.model_copy(update={"records_seconds": 3600.0})
PICTURES_STAY = RECORDS_STAY.model_copy(update={"artifacts_seconds": 3600.0})


@dataclass
class House:
    """A job store, an artifact store and what is done in them by hand."""

    store: JobStore
    artifacts: ArtifactStore

    def submit(self, seed: int = 7) -> JobRecord:
        """A job of three stages, with its image uploaded."""
        self.artifacts.put(image_key(STYLE_IMAGE), b"image")
        spec = counting_spec(4, seed=seed)
        return self.store.create(spec, counting_plan(spec), idempotency_key=f"key-{seed}")[0]

    def take(self, job: JobRecord, stage_id: str) -> Lease:
        """Take a stage."""
        lease = short_leases(self.store).acquire(job.id, stage_id, "cpu0@here", "task")
        assert isinstance(lease, Lease), lease
        return lease

    def put_away(self, lease: Lease) -> tuple[str, str]:
        """Leave a checkpoint and a preview, as a worker does."""
        keys = tuple(
            f"{kind}/{lease.job_id}/{lease.stage_id}/{lease.token}-0.x" for kind in ("checkpoints", "previews")
        )
        for key in keys:
            self.artifacts.put(key, b"unfinished")
        short_leases(self.store).record_unit(lease, UnitReport(0.5, checkpoint=keys[0], preview=keys[1]))
        return keys[0], keys[1]

    def finish(self, job: JobRecord) -> None:
        """Make all results and commit them."""
        for stage in job.plan.stages:
            lease = self.take(job, stage.id)
            folder = result_folder(stage.key)
            for name in ("frame.npy", RESULT):
                self.artifacts.put(folder + name, b"result")
            refs = (ArtifactRef(name="frame.npy", key=folder + "frame.npy", sha256="", bytes=6, media_type="x/y"),)
            short_leases(self.store).commit(lease, refs, 1.0)

    def sweep(self, keep: RetentionSettings = AT_ONCE) -> Report:
        """Remove what is no longer kept."""
        return self.sweeper(keep).sweep()

    def sweeper(self, keep: RetentionSettings = AT_ONCE) -> Sweeper:
        """One who sweeps here."""
        return Sweeper(self.store, self.artifacts, keep)

    def keys(self, *folders: str) -> list[str]:
        """What lies in some folders, by default all there is."""
        return [key for folder in folders or ("",) for key in self.artifacts.keys(folder)]

    def redis_keys(self) -> set[str]:
        """The keys in Redis that tell of jobs."""
        found: set[str] = set(map(str, self.store.redis.scan_iter(f"{self.store.prefix}:*")))
        return found - {f"{self.store.prefix}:sequence", f"{self.store.prefix}:fence"}
