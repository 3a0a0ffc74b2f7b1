"""`dreamqueue up` with its real processes, from the first start to the last process' end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import free_port
from shared.settings import WeightsSettings

UP = "import typer; from api.commands.up import up; typer.run(up)"
SPEC = {"version": 1, "source": {"solid": {"color": "black", "size": [64, 64]}}, "dream": {"network": "vgg16"}}
START_SECONDS = 90


@dataclass(frozen=True)
class Started:
    """One `dreamqueue up`, and the file that stands for its terminal."""

    process: subprocess.Popen[bytes]
    terminal: Path

    def text(self) -> str:
        """All that it has written so far."""
        return self.terminal.read_text()

    def ended_or(self, condition: Callable[[], bool]) -> bool:
        """Whether it gets as far as this in time, before it ends."""
        return eventually(lambda: condition() or self.process.poll() is not None, START_SECONDS) and condition()


Up = Callable[..., Started]


def processes_of(data_dir: Path) -> set[int]:
    """Every process on this machine whose environment or command line names the data directory."""
    return {int(folder.name) for folder in Path("/proc").glob("[0-9]*") if str(data_dir) in _told(folder)}


def _told(folder: Path) -> str:
    try:
        return (folder / "environ").read_text(errors="replace") + (folder / "cmdline").read_text(errors="replace")
    except OSError:
        return ""


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def up(data_dir: Path, port: int, vgg16_settings: WeightsSettings, tmp_path: Path) -> Iterator[Up]:
    """Starts `dreamqueue up` on the data directory, and leaves nothing of it behind."""
    started: list[Started] = []

    def start(**changes: str) -> Started:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("DREAMQUEUE_", "FLOWER_"))}
        own = {
            **({"DREAMQUEUE_WEIGHTS__DIR": str(vgg16_settings.dir)} if vgg16_settings.dir else {}),
            "CUDA_VISIBLE_DEVICES": "",
            # The time that a worker has to stop follows from it.
            "DREAMQUEUE_WORKER__UNIT_SECONDS": "0.5",
        }
        command = [sys.executable, "-c", UP, "--data-dir", str(data_dir), "--port", str(port)]
        path = tmp_path / f"terminal-{len(started)}.txt"
        with path.open("w") as terminal:
            process = subprocess.Popen(
                [*command, "--flower-port", str(free_port())],
                env={**plain, **own, **changes},
                stdout=terminal,
                stderr=subprocess.STDOUT,
            )
        started.append(Started(process, path))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
    assert eventually(lambda: not processes_of(data_dir), 60)


def pid_of(data_dir: Path, word: str) -> int:
    """The number of the process of `up` whose command line holds a word."""
    found = [pid for pid in processes_of(data_dir) if word in Path(f"/proc/{pid}/cmdline").read_text()]
    return min(found)


@pytest.mark.slow
def test_up_mends_itself_refuses_a_second_one_stops_clean_and_forgets_nothing(
    up: Up, data_dir: Path, port: int
) -> None:
    api = f"http://127.0.0.1:{port}"
    first = up()
    assert first.ended_or(lambda: "is ready" in first.text()), first.text()

    # A job is taken, and Flower lets in whom the banner tells how.
    job = httpx.post(f"{api}/v1/jobs", json=SPEC, trust_env=False).raise_for_status().json()["id"]
    flower = re.findall(r"http://dreamqueue:\S+", first.text())[0]
    assert httpx.get(f"{flower}/api/workers", trust_env=False).status_code == 200
    assert httpx.get(re.sub("dreamqueue:.*@", "", flower), trust_env=False).status_code == 401

    # A killed process comes back.
    killed = pid_of(data_dir, "uvicorn")
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: answers(f"{api}/readyz"), START_SECONDS)
    assert pid_of(data_dir, "uvicorn") != killed

    # A second one on the same folder is told who is there.
    second = up()
    assert second.process.wait(30) == 1
    assert f"another dreamqueue up (process {first.process.pid}, {api}) runs" in second.text()
    assert "Traceback" not in second.text()

    # SIGTERM stops everything.
    first.process.terminate()
    assert first.process.wait(60) == 0, first.text()
    assert processes_of(data_dir) == set()

    # What was accepted is still there.
    third = up()
    assert third.ended_or(lambda: answers(f"{api}/v1/jobs/{job}")), third.text()

    # Killed itself, it leaves nothing behind.
    third.process.kill()
    assert eventually(lambda: not processes_of(data_dir), 60)

    password = (data_dir / "valkey" / "password").read_text()
    assert password not in first.text() + third.text() + (data_dir / "logs" / "up.log").read_text()


def test_up_says_which_port_is_taken_and_starts_nothing(up: Up, data_dir: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        refused = up()

        assert refused.process.wait(30) == 1

    assert f"port {port} on 127.0.0.1 is taken" in refused.text()
    assert f"DREAMQUEUE_API__PORT={port + 1}" in refused.text()
    assert "Traceback" not in refused.text()
    assert not (data_dir / "valkey").exists()


def test_up_says_that_redis_does_not_answer(up: Up) -> None:
    refused = up(DREAMQUEUE_REDIS__URL=f"redis://:hunter2@127.0.0.1:{free_port()}/0")

    assert refused.process.wait(30) == 1

    assert "does not answer" in refused.text()
    assert "hunter2" not in refused.text()
    assert "Traceback" not in refused.text()
