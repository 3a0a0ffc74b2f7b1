"""One machine: the service's real processes, laid out as `dreamqueue up` does, for tests that watch and kill them."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api.client import Client
from deploy.local.devices import NO_GPU, Device
from deploy.local.environment import import_environment, settings_environment
from deploy.local.layout import Machine as Layout
from deploy.local.layout import api_url, flower_url, layout
from deploy.local.ports import free_port
from deploy.local.process import ProcessSpec
from shared.artifacts.directory import DirectoryStore
from shared.jobs.store import JobStore, open_store
from shared.settings import (
    ApiSettings,
    FlowerSettings,
    LeaseSettings,
    ReconcilerSettings,
    RedisSettings,
    Settings,
    WeightsSettings,
    WorkerSettings,
)
from tests.patience import wait_until
from tests.service import LOG_CHARACTERS

SERVICES = ("reconciler", "api", "flower")
WORKERS = ("cpu0", "cpu1", "cpu2")
START_SECONDS = 120.0


@dataclass(frozen=True)
class Running:
    """A process in a group of its own, with the file that it writes to."""

    spec: ProcessSpec
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def text(self) -> str:
        """All that it has written."""
        return self.log.read_text(errors="replace")

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether it can be worked with; one that ended instead fails the test with what it said last."""
        if not self.lives:
            pytest.fail(f"{self.spec.name} ended with {self.process.returncode}:\n{self.text[-LOG_CHARACTERS:]}")
        return self.spec.ready(self.text.splitlines())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process with all its children."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End all of it at once, and wait for the end."""
        if self.lives:
            self.signal(signal.SIGKILL)
        self.process.wait()


@dataclass
class Machine:
    """The service on one machine."""

    settings: Settings
    specs: Mapping[str, ProcessSpec]
    store: JobStore
    running: dict[str, Running] = field(default_factory=dict)

    @property
    def api(self) -> str:
        """The API's address."""
        return api_url(self.settings)

    @property
    def flower(self) -> str:
        """Flower's address."""
        return flower_url(self.settings)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to be part of the service."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("DREAMQUEUE_", "FLOWER_"))}
        return {
            **plain,
            **settings_environment(self.settings),
            **import_environment(),
            "FLOWER_UNAUTHENTICATED_API": "1",
        }

    @property
    def artifacts(self) -> DirectoryStore:
        """Where results and checkpoints lie."""
        return DirectoryStore(Path(self.settings.artifacts_url))

    def client(self) -> Client:
        """A client of the API."""
        return Client(self.api)

    def start(self, name: str) -> Running:
        """Start a process, without waiting for it."""
        spec = self.specs[name]
        log = self.settings.data_dir / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                spec.command,
                cwd=self.settings.data_dir,
                env={**self.environment, **spec.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.running[name] = Running(spec, process, log)
        return self.running[name]

    def await_ready(self, name: str) -> None:
        """Wait until a process can be worked with, as `dreamqueue up` would see it."""
        running = self.running[name]
        wait_until(running.is_ready, f"{name} is ready", START_SECONDS)

    def have_all_workers(self) -> None:
        """Start the workers that do not run, and wait until all could work."""
        for name in WORKERS:
            if name not in self.running or not self.running[name].lives:
                self.start(name)
        for name in WORKERS:
            self.await_ready(name)

    def logs(self) -> Iterator[tuple[str, str]]:
        """What every process wrote last, for whoever must find out why a test failed."""
        for name, running in self.running.items():
            yield f"log of {name}", running.text[-LOG_CHARACTERS:]

    def stop(self) -> None:
        """End every process."""
        for running in self.running.values():
            running.kill()
        self.store.redis.close()


@contextmanager
def machine_in(folder: Path, redis_url: str, weights: WeightsSettings) -> Iterator[Machine]:
    """A machine with API, Flower and reconciler; workers are started by the tests."""
    settings = Settings(
        data_dir=folder,
        redis=RedisSettings(url=redis_url),
        weights=weights,
        # Long enough for a busy machine to renew in time, short enough to wait for.
        lease=LeaseSettings(seconds=4.0, pause_seconds=0.1),
        reconciler=ReconcilerSettings(every_seconds=0.5),
        # Every step is a unit.
        worker=WorkerSettings(unit_seconds=0.01, threads=1),
        api=ApiSettings(port=free_port()),
        flower=FlowerSettings(port=free_port()),
    )
    devices = [Device(name, NO_GPU) for name in WORKERS]
    specs = {spec.name: spec for spec in layout(Layout(settings, devices, None, ""))}
    machine = Machine(settings, specs, open_store(settings))
    try:
        for name in SERVICES:
            machine.start(name)
        for name in SERVICES:
            machine.await_ready(name)
        yield machine
    finally:
        machine.stop()
