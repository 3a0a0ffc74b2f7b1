"""Every process' log lines: prefixed and coloured on the terminal, dated in one file."""

import itertools
import logging
import logging.handlers
import os
import re
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from deploy.local.lines import readable
from shared.redaction import redacted

SUPERVISOR = "up"
COLOURS = (36, 35, 33, 32, 34, 96, 95, 93, 92, 94)
FILE_BYTES = 10 * 2**20
FILES_KEPT = 3

# Colours stay; what moves the cursor, clears the screen or rings must not come through a log.
CONTROL = re.compile(r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class ServiceLog:
    """Takes lines from many threads; secrets never reach the terminal or the file."""

    def __init__(
        self,
        path: Path,
        names: Iterable[str],
        secrets: Iterable[str] = (),
        out: TextIO | None = None,
        *,
        quiet: bool = False,
    ) -> None:
        """Open the log.

        Args:
            path: the file that all lines go to.
            names: of the processes, for their colours and the width of the prefix.
            secrets: texts that are replaced wherever they stand.
            out: the terminal; None keeps the lines to the file.
            quiet: whether only the supervisor's own lines go to the terminal.
        """
        self.path = path
        self._names = (SUPERVISOR, *names)
        self._secrets = tuple(secret for secret in secrets if secret)
        self._out = out
        self._quiet = quiet
        self._colours = colours_of(self._names) if out is not None and _takes_colour(out) else {}
        self._lock = threading.Lock()
        self._file = _rotating_file(path)

    def line(self, name: str, text: str) -> None:
        """One line of the process of this name."""
        clean = redacted(CONTROL.sub("", text.rstrip()), self._secrets)
        self._file.emit(logging.LogRecord(name, logging.INFO, "", 0, COLOUR.sub("", clean), None, None))
        if self._out is not None and (name == SUPERVISOR or not self._quiet):
            # The terminal may be gone by now; the service goes on.
            with self._lock, suppress(OSError, ValueError):
                # A traceback within a record has lines of its own.
                for part in readable(clean).splitlines() or [""]:
                    self._out.write(f"{self._prefix(name)} {part}\n")
                self._out.flush()

    def say(self, text: str) -> None:
        """One line of the supervisor's own."""
        self.line(SUPERVISOR, text)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _prefix(self, name: str) -> str:
        padded = f"{name:>{max(map(len, self._names))}} │"
        colour = self._colours.get(name)
        return padded if colour is None else f"\x1b[{colour}m{padded}\x1b[0m"


def colours_of(names: Iterable[str]) -> Mapping[str, int]:
    """An ANSI colour for each name; grey for the supervisor itself."""
    colours = itertools.cycle(COLOURS)
    return {name: 90 if name == SUPERVISOR else next(colours) for name in names}


def _takes_colour(out: TextIO) -> bool:
    return out.isatty() and not os.environ.get("NO_COLOR")


def _rotating_file(path: Path) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s | %(message)s"))
    return handler
