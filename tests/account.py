"""The account in Redis that the documents tell the operator to make."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import redis

DOCUMENT = Path(__file__).parents[1] / "docs" / "running.md"
NAME, PASSWORD = "dreamqueue", "password"


def documented_account(server: str) -> str:
    """Make the account on the server at this address; returns the address of the job store for it."""
    change_account(server, "reset", *documented_rules())
    return f"redis://{NAME}:{PASSWORD}@{urlsplit(server).netloc.rpartition('@')[2]}/0"


def change_account(server: str, *rules: str) -> None:
    """Apply rules of ACL SETUSER to the account."""
    with redis.Redis.from_url(server) as client:
        client.execute_command("ACL", "SETUSER", NAME, *rules)


def documented_rules() -> Sequence[str]:
    """The rules of ACL SETUSER as the documents have them."""
    line = next(line for line in DOCUMENT.read_text().splitlines() if line.startswith("ACL SETUSER"))
    return line.split()[3:]
