"""The service's real processes around work that only counts: for tests that kill, stop and cut them off."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.local.environment import settings_environment
from deploy.local.layout import FLOWER_CONFIGURATION, api_url, flower_url
from deploy.local.ports import free_port
from deploy.local.readiness import answers
from shared.broker import celery_app
from shared.dispatch import dispatch
from shared.jobs.owner import ANONYMOUS
from shared.jobs.records import JobRecord
from shared.jobs.store import JobStore, open_store
from shared.settings import ApiSettings, FlowerSettings, LeaseSettings, ReconcilerSettings, RedisSettings, Settings
from tests.counting import counting_plan, counting_spec
from tests.patience import WAIT_SECONDS, wait_until
from worker.arguments import worker_arguments

HERE = Path(__file__).parent
APPS = HERE / "apps"
LOG_CHARACTERS = 4000
LEASE_SECONDS = 2.0
RECONCILE_SECONDS = 0.3
UNITS = 10
UNIT_SECONDS = 0.1

Process = subprocess.Popen[bytes]


def children_of(process_id: int) -> list[int]:
    """The process ids of the children of all threads of a process."""
    tasks = Path(f"/proc/{process_id}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]


@dataclass(frozen=True)
class Unit:
    """A line of the journal: a unit that was done, of which stage, with what number."""

    stage: str
    number: int


@dataclass
class Worker:
    """A worker in a process group of its own."""

    name: str
    process: Process
    log: Path

    @property
    def children(self) -> list[int]:
        """The process ids of the children that work; their command line tells them from Python's own helpers."""
        return [
            child
            for child in children_of(self.process.pid)
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]

    @property
    def child(self) -> int:
        """The process id of the child that works."""
        return self.children[0]

    @property
    def lives(self) -> bool:
        """Whether its parent has not ended."""
        return self.process.poll() is None

    def has_logged(self, text: str) -> bool:
        """Whether this text stands in the log."""
        return text in self.log.read_text()

    def is_ready(self) -> bool:
        """Whether the child is up; a worker that ended instead fails the test with what it said last."""
        if not self.lives:
            pytest.fail(f"the worker ended with {self.process.returncode}:\n{self.log.read_text()[-LOG_CHARACTERS:]}")
        return self.has_logged("child is ready")

    def kill_group(self, number: signal.Signals) -> None:
        """Send a signal to the whole process group."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End parent and child at once."""
        if self.lives:
            self.kill_group(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, as an operator would; returns the exit code."""
        self.process.terminate()
        return self.process.wait(30)


@dataclass
class Service:
    """Everything that a job needs, as processes that can be killed.

    Attributes:
        prefix: a program, with its options, by which the processes that still come are started.
    """

    settings: Settings
    environment: Mapping[str, str]
    store: JobStore
    workers: list[Worker] = field(default_factory=list)
    others: dict[str, Process] = field(default_factory=dict)
    prefix: Sequence[str] = ()

    @property
    def folder(self) -> Path:
        """Where the processes keep what they have."""
        return self.settings.data_dir

    @property
    def journal(self) -> list[Unit]:
        """Every unit that was done, in order."""
        path = self.folder / "journal"
        lines = path.read_text().splitlines() if path.exists() else []
        return [Unit(stage, int(number)) for stage, number in map(str.split, lines)]

    def units_of(self, stage: str) -> list[int]:
        """The numbers of the units that were done of a stage."""
        return [unit.number for unit in self.journal if unit.stage == stage]

    def start_worker(self, name: str, app: str = "counting_app", **environment: str) -> Worker:
        """Start a worker and wait until its child is up."""
        return self.await_workers(self.spawn_worker(name, app, **environment))[0]

    def start_workers(self, *names: str, **environment: str) -> list[Worker]:
        """Start workers side by side and wait for all."""
        return self.await_workers(*(self.spawn_worker(name, **environment) for name in names))

    def await_workers(self, *workers: Worker) -> list[Worker]:
        """Wait until the children of workers are up."""
        for worker in workers:
            wait_until(worker.is_ready, f"worker {worker.name} is ready")
        return list(workers)

    def spawn_worker(self, name: str, app: str = "counting_app", **environment: str) -> Worker:
        """Start a worker, without waiting for it."""
        number = sum(worker.name == name for worker in self.workers)
        log = self.folder / (f"{name}-{number}.log" if number else f"{name}.log")
        process = self._spawn(["celery", *worker_arguments(name, app)], log, APPS, environment)
        self.workers.append(Worker(name, process, log))
        return self.workers[-1]

    def worker_of(self, job_id: str, stage: str) -> Worker:
        """The worker that a stage runs on."""
        name = (self.store.stage(job_id, stage).worker or "").partition("@")[0]
        return next(worker for worker in reversed(self.workers) if worker.name == name)

    def start_reconciler(self) -> Process:
        """Start a reconciler."""
        return self._start("reconciler", ["deploy.local.reconciler"])

    @property
    def api(self) -> str:
        """The API's address."""
        return api_url(self.settings)

    def start_api(self, factory: str = "api.main:create_app_from_environment") -> None:
        """Start the API and wait until it is ready."""
        api = self.settings.api
        listening = ["--host", api.host, "--port", str(api.port), "--timeout-graceful-shutdown", "1"]
        self._start("api", ["uvicorn", "--factory", factory, "--app-dir", str(APPS), *listening])
        ready = answers(f"{self.api}/readyz")
        wait_until(lambda: ready(()), "the API is ready")

    def start_flower(self) -> None:
        """Start Flower and wait until it answers whoever asks."""
        options = [f"--conf={FLOWER_CONFIGURATION}", "--address=127.0.0.1"]
        flower = ["celery", "-A", "deploy.flower.app", "flower", *options]
        self._start("flower", flower, FLOWER_UNAUTHENTICATED_API="true")
        answering = answers(f"{flower_url(self.settings)}/api/tasks")
        wait_until(lambda: answering(()), "Flower answers")

    def submit(self, *layers: int, seed: int = 7, owner: str = ANONYMOUS) -> JobRecord:
        """Take in a job and ring for it."""
        spec = counting_spec(*layers, seed=seed)
        job, _ = self.store.create(spec, counting_plan(spec), owner=owner)
        dispatch(self.store, celery_app(self.settings), job.id)
        return job

    def wait_for(self, job_id: str, seconds: float = WAIT_SECONDS) -> JobRecord:
        """Wait until a job has ended."""
        wait_until(lambda: self.store.get(job_id).status.final, f"job {job_id} has ended", seconds)
        return self.store.get(job_id)

    def wait_for_unit(self, stage: str, number: int = UNITS // 2) -> None:
        """Wait until this many units of a stage are done."""
        wait_until(lambda: len(self.units_of(stage)) >= number, f"{number} units of {stage} are done")

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
            worker.kill()
        for process in self.others.values():
            process.kill()
            process.wait()
        self.store.redis.close()

    def _start(self, name: str, module: Sequence[str], **environment: str) -> Process:
        """Start a process of which there is one; what is left of the one before is killed."""
        if name in self.others:
            self.others[name].kill()
            self.others[name].wait()
        self.others[name] = self._spawn(module, self.folder / f"{name}.log", self.folder, environment)
        return self.others[name]

    def _spawn(self, module: Sequence[str], log: Path, folder: Path, environment: Mapping[str, str]) -> Process:
        with log.open("ab") as output:
            return subprocess.Popen(
                [*self.prefix, sys.executable, "-m", *module],
                cwd=folder,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )


@contextmanager
def service_in(folder: Path, settings: Settings) -> Iterator[Service]:
    """A store, a broker and a reconciler; workers are started by the tests."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DREAMQUEUE_")}
    counting = {"COUNTING_JOURNAL": str(folder / "journal"), "PYTHONPATH": str(HERE.parent)}
    environment = {**plain, **settings_environment(settings), **counting}
    service = Service(settings, environment, open_store(settings))
    try:
        service.start_reconciler()
        yield service
    finally:
        service.close()


def impatient(folder: Path, redis_url: str) -> Settings:
    """Settings under which a fault is noticed in seconds."""
    return Settings(
        data_dir=folder,
        redis=RedisSettings(url=redis_url),
        lease=LeaseSettings(seconds=LEASE_SECONDS, pause_seconds=0.1),
        reconciler=ReconcilerSettings(every_seconds=RECONCILE_SECONDS),
        api=ApiSettings(port=free_port()),
        flower=FlowerSettings(port=free_port()),
    )
