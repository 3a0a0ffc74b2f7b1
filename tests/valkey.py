"""A Valkey of a test's own, set up as the service ships it, which can be killed and come back with its data."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import redis

from deploy.local.ports import free_port
from deploy.local.valkey import EmbeddedValkey, prepare_valkey
from tests.patience import wait_until

START_SECONDS = 30.0


@dataclass
class Valkey:
    """A server on the loopback.

    Attributes:
        folder: where it keeps its data and its configuration.
        lines: of configuration, after the service's own; where both speak of the same, these hold.
        port: where it listens.
        environment: what it finds there besides our own.
    """

    folder: Path
    lines: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @cached_property
    def url(self) -> str:
        """The address without a database, with the password."""
        return self._prepared().url.rpartition("/")[0]

    def start(self) -> str:
        """Start it and wait until it has read its data; returns the address without a database."""
        prepared = self._prepared()
        # Known from here on: preparing again would write over what the server is about to read.
        self.url = prepared.url.rpartition("/")[0]
        with prepared.configuration.open("a") as configuration:
            configuration.writelines(f"{line}\n" for line in self.lines)
        with (self.folder / "valkey.log").open("ab") as log:
            command = [prepared.program, prepared.configuration]
            environment = {**os.environ, **self.environment}
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        wait_until(self.answers, "Valkey answers", START_SECONDS)
        return self.url

    def answers(self) -> bool:
        """Whether it serves."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    def drop_connections(self) -> int:
        """Close every connection but the one that asks; returns how many there were."""
        with redis.Redis.from_url(self.url) as client:
            return int(str(client.execute_command("CLIENT KILL TYPE normal SKIPME yes")))

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Let it hang: connections stay, answers do not come."""
        os.kill(self._running().pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self._running().pid, signal.SIGCONT)

    def _prepared(self) -> EmbeddedValkey:
        return prepare_valkey(self.folder, self.port)

    def _running(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None, "the server was never started"
        return self.process

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
            self.process.wait()


@contextmanager
def serving(server: Valkey) -> Iterator[Valkey]:
    """The server, started, and stopped in the end."""
    server.start()
    try:
        yield server
    finally:
        server.stop()
