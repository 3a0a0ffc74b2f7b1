"""Sweeps beside real workers, and sweeps that are killed: no job loses anything, and the next sweep finishes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.artifacts.address import open_artifacts
from shared.jobs.status import JobStatus
from shared.retention.report import Report
from shared.retention.sweep import open_sweeper
from shared.settings import RetentionSettings, Settings
from tests.conftest import Figure
from tests.patience import wait_until
from tests.service import Service, impatient, service_in

pytestmark = pytest.mark.thorough

GC = [sys.executable, "-c", "from api.cli import app; app()", "gc", "--json"]
QUICK = {"COUNTING_UNITS": "3", "COUNTING_UNIT_SECONDS": "0.02"}
KEEP = RetentionSettings(every_seconds=0.2, leftovers_seconds=0, artifacts_seconds=0, records_seconds=30)
"""Pictures go the moment that a job ends, and whatever lies about goes every fifth of a second."""
DYING_GC = """
import os, signal
from shared.artifacts.directory import DirectoryStore

delete, left = DirectoryStore.delete, iter(range({removals}))

def deadly(self, key):
    if not key.startswith("health/") and next(left, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
    delete(self, key)

DirectoryStore.delete = deadly
from api.cli import app; app(["gc"])
"""


@pytest.fixture
def service(redis_url: str, tmp_path: Path) -> Iterator[Service]:
    """A service that keeps nothing for longer than it must."""
    settings = impatient(tmp_path, redis_url).model_copy(update={"retention": KEEP})
    with service_in(tmp_path, settings) as opened:
        yield opened


@pytest.fixture
def quiet(redis_url: str, tmp_path: Path) -> Iterator[Service]:
    """The same, but nobody sweeps unasked."""
    retention = KEEP.model_copy(update={"every_seconds": float("inf")})
    with service_in(tmp_path, impatient(tmp_path, redis_url).model_copy(update={"retention": retention})) as opened:
        yield opened


def sweep(settings: Settings) -> Report:
    sweeper = open_sweeper(settings)
    try:
        return sweeper.sweep()
    finally:
        sweeper.store.redis.close()


def test_sweeps_without_pause_disturb_no_job(service: Service, figure: Figure) -> None:
    service.start_workers("cpu0", "cpu1", **QUICK)

    # Each pair wants the same: what one has made is swept when it ends, while the other takes it up.
    jobs = [service.submit(4, 5, seed=number // 2) for number in range(16)]
    ended = [service.wait_for(job.id) for job in jobs]

    assert {job.status for job in ended} == {JobStatus.SUCCEEDED}
    commits = [number for job in jobs for number in service.counted(job.id, "commits").values()]
    starts = [number for job in jobs for number in service.counted(job.id, "starts").values()]
    assert set(commits) == {1}
    figure("starts of a stage", max(starts), 1)
    artifacts = open_artifacts(service.settings.artifacts_url)
    wait_until(lambda: list(artifacts.keys("")) == [], "all pictures are removed")


def test_a_worker_that_is_killed_leaves_a_checkpoint_that_is_not_swept(service: Service, figure: Figure) -> None:
    service.start_workers("cpu0", "cpu1", COUNTING_UNITS="20")
    job = service.submit(4)
    service.wait_for_unit("dream-00", 8)

    service.worker_of(job.id, "dream-00").kill()
    ended = service.wait_for(job.id)

    assert ended.status is JobStatus.SUCCEEDED
    figure("units done twice", len(service.units_of("dream-00")) - 20, 1)
    artifacts = open_artifacts(service.settings.artifacts_url)
    wait_until(lambda: list(artifacts.keys("")) == [], "what the killed worker left is removed")


@pytest.mark.parametrize("removals", [1, 4])
def test_a_gc_that_is_killed_in_the_middle_loses_nothing_and_the_next_one_finishes(
    quiet: Service, removals: int
) -> None:
    quiet.start_worker("cpu0", **QUICK)
    done = quiet.wait_for(quiet.submit(4, 5).id)

    killed = _run(quiet, [sys.executable, "-c", DYING_GC.format(removals=removals)])
    again = quiet.submit(4, 5)
    _let_the_dead_go(quiet)
    ended = quiet.wait_for(again.id)
    finished = _run(quiet, GC)

    assert killed.returncode == -signal.SIGKILL
    assert (ended.status, set(quiet.counted(again.id, "commits").values())) == (JobStatus.SUCCEEDED, {1})
    assert finished.returncode == 0
    assert list(open_artifacts(quiet.settings.artifacts_url).keys("")) == []
    assert quiet.store.get(done.id).pictures_gone_at is not None
    assert sweep(quiet.settings) == Report()


def test_the_reconciler_goes_on_where_the_artifact_store_is_gone(redis_url: str, tmp_path: Path) -> None:
    settings = impatient(tmp_path, redis_url).model_copy(update={"retention": KEEP})
    (tmp_path / "artifacts").write_text("a file where the folder should be")
    with service_in(tmp_path, settings) as service:
        log = tmp_path / "reconciler.log"
        wait_until(lambda: "could not sweep" in log.read_text(), "a sweep has failed")

        # A message that nobody sent is only missed by a reconciler that lives.
        (tmp_path / "artifacts").unlink()
        service.start_worker("cpu0", **QUICK)
        job = service.submit(4)
        service.wait_for(job.id)

        assert service.others["reconciler"].poll() is None
        wait_until(lambda: service.store.get(job.id).pictures_gone_at is not None, "the next sweep goes on")


def _run(service: Service, command: list[str]) -> "subprocess.CompletedProcess[str]":
    environment = {**service.environment, "PATH": os.environ["PATH"]}
    return subprocess.run(
        command, cwd=service.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def _let_the_dead_go(service: Service) -> None:
    """What a killed gc has condemned is free again after two minutes; here, at once."""
    for key in service.store.redis.scan_iter(f"{service.store.prefix}:sweep:*"):
        service.store.redis.delete(key)
