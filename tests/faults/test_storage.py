"""Faults of the artifact store: full, locked, away, or a worker killed while it writes; no job is lost to them."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.artifacts.address import open_artifacts
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus
from shared.settings import ArtifactSettings, LeaseSettings
from tests.bucket import Bucket
from tests.conftest import missing
from tests.disk import Disk, mounted
from tests.patience import wait_until
from tests.service import LEASE_SECONDS, Service, Worker, impatient, service_in

pytestmark = pytest.mark.slow

UNITS = 4
FEW_UNITS = {"COUNTING_UNITS": str(UNITS)}
OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", LEASE_SECONDS))
"""`make faults` takes a minute."""
PATIENT_SECONDS = OUTAGE_SECONDS + 60
IMPATIENT_SECONDS = 0.3
HEEDING_MODES = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
"""Root without the rights by which no mode stops it."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk that may fill up."""
    with mounted(tmp_path / "disk") as disk:
        yield disk or missing("to mount a disk that may fill up takes a user who may mount: run it as root")


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An S3 server that may be killed."""
    bucket = Bucket(tmp_path / "bucket")
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    bucket.start()
    yield bucket
    bucket.kill()


Open = Callable[[str, float], Service]


@pytest.fixture
def service_on(redis_url: str, tmp_path: Path) -> Iterator[Open]:
    """Opens a service whose artifacts lie at an address and whose workers wait so long for them."""
    settings = impatient(tmp_path, redis_url)
    services = ExitStack()

    def open_service(url: str, patience_seconds: float) -> Service:
        artifacts = ArtifactSettings(url=url, patience_seconds=patience_seconds)
        lease = LeaseSettings(seconds=LEASE_SECONDS, pause_seconds=1)
        changed = settings.model_copy(update={"artifacts": artifacts, "lease": lease})
        service = services.enter_context(service_in(tmp_path, changed))
        service.prefix = HEEDING_MODES
        return service

    with services:
        yield open_service


def wait_for_patience(worker: Worker) -> float:
    return wait_until(lambda: worker.has_logged("waiting for a store"), f"{worker.name} waits for the artifact store")


def assert_whole(service: Service, job: JobRecord) -> None:
    """The job has succeeded, and every file that it names lies there byte for byte."""
    assert job.status is JobStatus.SUCCEEDED
    artifacts = open_artifacts(service.settings.artifacts_url)
    files = [item for stage in service.store.stages(job.id) for item in stage.artifacts]
    assert len(files) == 2 * (job.stages_total - 1) + 1
    assert all(hashlib.sha256(artifacts.get(item.key)).hexdigest() == item.sha256 for item in files)


FAULTS = pytest.mark.parametrize(
    ("break_it", "mend_it", "reason"),
    [
        pytest.param(Disk.fill, Disk.free, "No space left on device", id="full"),
        pytest.param(Disk.lock, Disk.unlock, "Read-only file system", id="locked"),
        pytest.param(Disk.deny, Disk.permit, "Permission denied", id="denied"),
    ],
)


@FAULTS
def test_a_disk_that_cannot_be_written_for_a_while_costs_no_attempt(
    disk: Disk, service_on: Open, break_it: Callable[[Disk], None], mend_it: Callable[[Disk], None], reason: str
) -> None:
    service = service_on(str(disk.folder / "artifacts"), PATIENT_SECONDS)
    worker = service.start_worker("cpu0", **FEW_UNITS)
    break_it(disk)
    job = service.submit(4)

    wait_for_patience(worker)
    mend_it(disk)
    done = service.wait_for(job.id)

    assert_whole(service, done)
    assert worker.has_logged(reason)
    assert set(service.counted(job.id, "attempts").values()) == {1}
    assert service.units_of("dream-00") == list(range(UNITS))


@FAULTS
def test_a_disk_that_outlasts_the_patience_is_named_and_leaves_attempts_over(
    disk: Disk, service_on: Open, break_it: Callable[[Disk], None], mend_it: Callable[[Disk], None], reason: str
) -> None:
    service = service_on(str(disk.folder / "artifacts"), IMPATIENT_SECONDS)
    service.start_worker("cpu0", **FEW_UNITS)
    break_it(disk)
    job = service.submit(4)

    wait_until(lambda: service.store.stage(job.id, "dream-00").failure is not None, "an attempt has failed")
    failed = service.store.stage(job.id, "dream-00").failure
    mend_it(disk)
    done = service.wait_for(job.id)

    assert_whole(service, done)
    assert failed is not None
    assert (failed.code, failed.worker) == (
        "artifact_store_unavailable",
        service.store.stage(job.id, "dream-00").worker,
    )
    assert reason in failed.message
    assert service.counted(job.id, "attempts")["dream-00"] == 2


def test_a_worker_killed_while_it_writes_a_finished_file_leaves_nothing_half_written(
    tmp_path: Path, service_on: Open
) -> None:
    service = service_on(str(tmp_path / "artifacts"), PATIENT_SECONDS)
    slow = service.start_worker("slow", "slow_disk_app", **FEW_UNITS)
    job = service.submit(4)
    service.wait_for_unit("dream-00", 1)
    other = service.spawn_worker("cpu0", **FEW_UNITS)

    wait_until(lambda: any((tmp_path / "artifacts").glob("stages/*/*/.*")), "a finished file is being written")
    slow.kill()
    seen = list(open_artifacts(service.settings.artifacts_url).keys("stages"))
    service.await_workers(other)
    done = service.wait_for(job.id)

    assert seen == []
    assert_whole(service, done)
    assert service.counted(job.id, "commits")["dream-00"] == 1


def test_a_store_that_is_away_for_longer_than_a_lease_costs_no_attempt_and_no_unit(
    bucket: Bucket, service_on: Open
) -> None:
    service = service_on(bucket.url, PATIENT_SECONDS)
    worker = service.start_worker("cpu0", **FEW_UNITS)
    job = service.submit(4)

    service.wait_for_unit("dream-00", UNITS)
    bucket.kill()
    away_seconds = wait_for_patience(worker)
    time.sleep(max(0, OUTAGE_SECONDS - away_seconds))
    bucket.start()
    done = service.wait_for(job.id, PATIENT_SECONDS)

    assert_whole(service, done)
    assert set(service.counted(job.id, "attempts").values()) == {1}
    assert service.units_of("dream-00") == list(range(UNITS))
