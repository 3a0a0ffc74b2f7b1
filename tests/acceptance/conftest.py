"""Real workers and a real reconciler as processes, all gone at the end of each test."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.broker import celery_app
from shared.dispatch import dispatch
from shared.jobs.records import JobRecord
from shared.jobs.store import JobStore, open_store
from shared.reconciler import run as reconcile
from shared.settings import Settings
from tests.acceptance.machine import LOG_CHARACTERS, Machine
from tests.acceptance.patience import WAIT_SECONDS, wait_until
from tests.counting import counting_plan, counting_spec
from worker.arguments import worker_arguments

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LEASE_SECONDS = 2.0
RECONCILE_SECONDS = 0.3


def children_of(process_id: int) -> list[int]:
    """The process ids of the children of all threads of a process."""
    tasks = Path(f"/proc/{process_id}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]


@dataclass
class Worker:
    """A worker in a process group of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def child(self) -> int:
        """The process id of the child that works; its command line tells it from Python's own helpers."""
        found = [
            child
            for child in children_of(self.process.pid)
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]
        return found[0]

    def has_logged(self, text: str) -> bool:
        """Whether this text stands in the log."""
        return text in self.log.read_text()

    def is_ready(self) -> bool:
        """Whether the child is up; a worker that ended instead fails the test with what it said last."""
        if self.process.poll() is not None:
            pytest.fail(f"the worker ended with {self.process.returncode}:\n{self.log.read_text()[-4000:]}")
        return self.has_logged("child is ready")

    def kill_group(self, number: signal.Signals) -> None:
        """Send a signal to the whole process group."""
        os.killpg(self.process.pid, number)

    def stop(self) -> int:
        """SIGTERM, as an operator would; returns the exit code."""
        self.process.terminate()
        return self.process.wait(30)


@dataclass
class Service:
    """Everything that a job needs, as processes that can be killed."""

    settings: Settings
    environment: Mapping[str, str]
    folder: Path
    store: JobStore
    workers: list[Worker] = field(default_factory=list)

    @property
    def journal(self) -> list[tuple[str, int]]:
        """Stage and number of every unit that was done."""
        path = self.folder / "journal"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def units_of(self, stage: str) -> list[int]:
        """The numbers of the units that were done of a stage."""
        return [unit for name, unit in self.journal if name == stage]

    def start_worker(self, name: str, app: str = "counting_app", **environment: str) -> Worker:
        """Start a worker and wait until its child is up."""
        worker = self.spawn_worker(name, app, **environment)
        wait_until(worker.is_ready, f"worker {name} is ready")
        return worker

    def spawn_worker(self, name: str, app: str, **environment: str) -> Worker:
        """Start a worker, without waiting for it."""
        log = self.folder / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", *worker_arguments(name, app)],
                cwd=HERE,
                env={**self.environment, **environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        worker = Worker(process, log)
        self.workers.append(worker)
        return worker

    def submit(self, *layers: int) -> JobRecord:
        """Take in a job and ring for it."""
        spec = counting_spec(*layers)
        job, _ = self.store.create(spec, counting_plan(spec))
        dispatch(self.store, celery_app(self.settings), job.id)
        return job

    def wait_for(self, job_id: str, seconds: float = WAIT_SECONDS) -> JobRecord:
        """Wait until a job has ended."""
        wait_until(lambda: self.store.get(job_id).status.final, f"job {job_id} has ended", seconds)
        return self.store.get(job_id)

    def counted(self, job_id: str, what: str) -> dict[str, int]:
        """How often each stage of a job was committed, or started."""
        stages = [stage.id for stage in self.store.get(job_id).plan.stages]
        key = f"{self.store.prefix}:job:{job_id}:stage:"
        return {stage: int(str(self.store.redis.hget(key + stage, what) or 0)) for stage in stages}

    def logs(self) -> Iterator[tuple[str, str]]:
        """What every process wrote last, for whoever must find out why a test failed."""
        for path in sorted(self.folder.glob("*.log")):
            yield f"log of {path.stem}", path.read_text(errors="replace")[-LOG_CHARACTERS:]

    def close(self) -> None:
        """Kill what is left."""
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill_group(signal.SIGKILL)
                worker.process.wait()
        self.store.redis.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test with processes of its own fails, show what they have written."""
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Machine | Service):
                report.sections += list(value.logs())
    return report


@pytest.fixture
def service(redis_url: str, tmp_path: Path) -> Iterator[Service]:
    """A store, a broker and a reconciler; workers are started by the tests."""
    variables = {
        "DREAMQUEUE_REDIS__URL": redis_url,
        "DREAMQUEUE_DATA_DIR": str(tmp_path),
        "DREAMQUEUE_LEASE__SECONDS": str(LEASE_SECONDS),
        "DREAMQUEUE_LEASE__PAUSE_SECONDS": "0.1",
        "DREAMQUEUE_RECONCILER__EVERY_SECONDS": str(RECONCILE_SECONDS),
        "COUNTING_JOURNAL": str(tmp_path / "journal"),
        "PYTHONPATH": str(ROOT),
    }
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "redis": {"url": redis_url},
            "lease": {"seconds": LEASE_SECONDS, "pause_seconds": 0.1},
            "reconciler": {"every_seconds": RECONCILE_SECONDS},
        }
    )
    service = Service(settings, {**os.environ, **variables}, tmp_path, open_store(settings))
    stop = threading.Event()
    reconciler = threading.Thread(target=reconcile, args=(settings, stop))
    reconciler.start()
    yield service
    stop.set()
    reconciler.join()
    service.close()
