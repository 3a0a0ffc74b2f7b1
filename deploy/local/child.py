"""One running process in a session of its own, whose output is read line by line."""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence

from deploy.local.groups import ask, kill_group
from deploy.local.process import ProcessSpec

LINES_KEPT = 200
READER_SECONDS = 2.0


class Child:
    """A started process; it leads a process group of the same number."""

    def __init__(self, spec: ProcessSpec, each_line: Callable[[str], None]) -> None:
        self._each_line = each_line
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._process = subprocess.Popen(  # noqa: S603  (commands come from our own layout)
            spec.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **spec.environment},
            cwd=spec.directory,
            # A session of its own: Ctrl-C reaches the supervisor alone, which stops its children in order.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name=f"log of {spec.name}", daemon=True)
        self._reader.start()

    @property
    def group(self) -> int:
        """The number of its process, and of its group."""
        return self._process.pid

    @property
    def lines(self) -> Sequence[str]:
        """The last lines that it wrote."""
        return tuple(self._lines)

    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self) -> int:
        """Wait for its end, then end what it left in its group; gives the exit status, negative for a signal."""
        code = self._process.wait()
        kill_group(self.group)
        self._reader.join(READER_SECONDS)
        return code

    def ask(self, number: signal.Signals) -> None:
        """Send a signal to it alone."""
        if self.runs():
            ask(self.group, number)

    def kill(self) -> None:
        """End it and everything in its group at once."""
        kill_group(self.group)

    def _read(self) -> None:
        stream = self._process.stdout
        if stream is None:
            return
        with stream:
            for raw in stream:
                line = raw.decode(errors="replace").rstrip()
                self._lines.append(line)
                self._each_line(line)
