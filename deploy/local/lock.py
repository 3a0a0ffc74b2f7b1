"""One `up` on one data directory: a lock that ends with the last process that holds it."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from deploy.local.groups import process_lives
from shared.errors import ConfigurationError


@dataclass(frozen=True)
class Occupant:
    """Who runs on a data directory, and where it answers."""

    pid: int
    api_url: str


@contextmanager
def only_one(data_dir: Path, occupant: Occupant) -> Iterator[int]:
    """Hold the data directory; gives the descriptor of the lock, for a process that shall hold it too.

    Raises:
        ConfigurationError: another `up` holds it.
    """
    with (data_dir / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationError(refusal(data_dir, _read(file))) from error
        file.truncate(0)
        file.write(json.dumps(asdict(occupant)))
        file.flush()
        yield file.fileno()


def refusal(data_dir: Path, occupant: Occupant | None) -> str:
    """What to tell whoever comes second."""
    if occupant is None:
        who = "another dreamqueue up runs"
    elif process_lives(occupant.pid):
        who = f"another dreamqueue up (process {occupant.pid}, {occupant.api_url}) runs"
    else:
        who = f"the processes of a dreamqueue up that was killed (process {occupant.pid}) are still being stopped"
    return f"{who} on {data_dir}; wait for its end, or choose another folder: --data-dir FOLDER"


def _read(file: TextIO) -> Occupant | None:
    """What the holder wrote; None when it has not yet."""
    file.seek(0)
    try:
        return Occupant(**json.loads(file.read()))
    except (ValueError, TypeError):
        return None
