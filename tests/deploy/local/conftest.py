"""Tiny processes for the supervisor to keep, and a supervisor that leaves none behind."""

import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.groups import process_lives
from deploy.local.log import ServiceLog
from deploy.local.process import ProcessSpec
from deploy.local.readiness import says
from deploy.local.restarts import RestartPolicy
from deploy.local.supervisor import Supervisor
from deploy.local.warden import Warden

IMPATIENT = RestartPolicy(first_delay_seconds=0.05, quick_seconds=1.0, quick_deaths_allowed=2)

# Says what happens to it in a file that the test reads.
PLAYER = """
    import os, signal, subprocess, sys, time
    diary, name = sys.argv[1:3]
    def note(word):
        with open(diary, "a") as file:
            file.write(f"{name} {word} {os.getpid()}\\n")
    def stop(*_):
        note("stopped")
        sys.exit(0)
    signal.signal(signal.SIGTERM, stop)
    note("started")
"""
STAYS = PLAYER + '    print("ready", flush=True)\n    time.sleep(60)\n'


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """Where tiny processes write what happens to them."""
    return tmp_path / "diary"


@pytest.fixture
def process(diary: Path) -> Callable[..., ProcessSpec]:
    """Makes the record of a tiny process out of a program; by default one that stays until SIGTERM."""

    def make(name: str, program: str = STAYS, **changes: Any) -> ProcessSpec:
        command = (sys.executable, "-S", "-c", textwrap.dedent(program), str(diary), name)
        return ProcessSpec(name=name, command=command, **{"ready": says("ready"), **changes})

    return make


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervisor]]:
    """Makes supervisors; each is stopped when the test ends."""
    made: list[Supervisor] = []
    logs: list[ServiceLog] = []

    def make(*specs: ProcessSpec, **more: Any) -> Supervisor:
        logs.append(ServiceLog(tmp_path / "up.log", [spec.name for spec in specs], **more))
        made.append(Supervisor(specs, logs[-1], Warden.start(), IMPATIENT))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.kill()
    for log in logs:
        log.close()


@pytest.fixture
def lives() -> Callable[[int], bool]:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    return process_lives


@pytest.fixture
def eventually() -> Callable[..., bool]:
    """Whether something comes true within so many seconds."""

    def wait(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    return wait
