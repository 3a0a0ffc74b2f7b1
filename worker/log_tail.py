"""The last lines that this process has logged: what is left to be read when a stage fails or its process dies."""

import logging
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from shared.telemetry import plain_formatter
from worker.excerpt import beginning, ending, legible

MOST_LINES = 50
LINE_CHARACTERS = 500


class LogTail(logging.Handler):
    """Keeps the last lines of whatever logger speaks, ours or another's, without secrets.

    What native code writes to standard error by itself is not among them.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self.setFormatter(plain_formatter())
        self._secrets = secrets
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._sent = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, or all lines of a traceback."""
        try:
            text = legible(self.format(record), self._secrets)
        except Exception:  # noqa: BLE001 - as every handler: whoever logs nonsense is not to fail by it
            self.handleError(record)
            return
        self._lines.extend(beginning(line, LINE_CHARACTERS) for line in text.splitlines())

    @property
    def text(self) -> str:
        """The lines as they stand."""
        # A copy, for other threads go on logging.
        return ending("\n".join(self._lines.copy()))

    @property
    def unsent(self) -> str | None:
        """The lines, if they have changed since they were last sent."""
        text = self.text
        return None if text == self._sent else text

    def sent(self, text: str) -> None:
        """The job store has these lines."""
        self._sent = text


@contextmanager
def log_tail(secrets: Sequence[str]) -> Generator[LogTail]:
    """A tail of what is logged from here on, for as long as this lasts."""
    tail = LogTail(secrets)
    logging.getLogger().addHandler(tail)
    try:
        yield tail
    finally:
        logging.getLogger().removeHandler(tail)
