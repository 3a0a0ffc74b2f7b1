"""A small process that ends what a supervisor started when the supervisor itself was killed.

The supervisor writes one line for each process group it starts and ends. When the pipe closes, the supervisor is gone,
and every group still on the list is ended, in the order that the supervisor would have kept. A signal that only the
direct children get when their parent dies (Linux's PDEATHSIG) would miss the children of a worker; a pipe misses none
and works on every Unix.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass

from deploy.local.environment import import_environment
from deploy.local.groups import ask, await_end, kill_group


@dataclass(frozen=True)
class Ward:
    """A process group and how it wants to be stopped."""

    group: int
    stop_order: int
    stop_signal: int
    grace_seconds: float


class Warden:
    """The supervisor's end of the pipe."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lock = threading.Lock()

    @classmethod
    def start(cls, kept_open: Iterable[int] = ()) -> "Warden":
        """Start the process; it holds the given file descriptors open until everything has ended."""
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.warden"],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, **import_environment()},
            pass_fds=tuple(kept_open),
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def add(self, ward: Ward) -> None:
        """From now on, end this group when the supervisor is gone."""
        self._write(json.dumps(asdict(ward)))

    def drop(self, group: int) -> None:
        """This group has ended."""
        self._write(json.dumps(group))

    def dismiss(self) -> None:
        """Close the pipe; whatever is still on the list is ended now."""
        with suppress(OSError):
            self._process.communicate()

    def _write(self, line: str) -> None:
        stream = self._process.stdin
        # Without its warden the service still works; only a killed supervisor would leave processes.
        with self._lock, suppress(OSError, ValueError):
            if stream:
                stream.write(f"{line}\n")
                stream.flush()


def left_over(lines: Iterable[str]) -> tuple[tuple[Ward, ...], ...]:
    """The groups that were added and not dropped, as waves of groups that are stopped together."""
    wards: dict[int, Ward] = {}
    for line in lines:
        message = json.loads(line)
        if isinstance(message, int):
            wards.pop(message, None)
        else:
            ward = Ward(**message)
            wards[ward.group] = ward
    ordered = sorted(wards.values(), key=_stop_order)
    return tuple(tuple(wave) for _, wave in itertools.groupby(ordered, key=_stop_order))


def _stop_order(ward: Ward) -> int:
    return ward.stop_order


def end_wave(wave: Iterable[Ward]) -> None:
    """Ask all these groups to stop; after the grace of each, kill what is left of it."""
    wards = tuple(wave)
    for ward in wards:
        ask(ward.group, signal.Signals(ward.stop_signal))
    for ward in wards:
        await_end(ward.group, ward.grace_seconds)
        kill_group(ward.group)


def main() -> None:
    """Wait for the supervisor's end, then end what it left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for wave in left_over(sys.stdin):
        end_wave(wave)


if __name__ == "__main__":
    main()
