"""Passwords that `up` makes once and keeps in its data directory."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o600


def kept_secret(path: Path, random_bytes: int = 24) -> str:
    """The password in a file that only its owner may read; made when it is not there yet."""
    with suppress(FileNotFoundError):
        path.chmod(OWNER_ONLY)
        if kept := path.read_text().strip():
            return kept
    made = secrets.token_urlsafe(random_bytes)
    write_private(path, made)
    return made


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, at no moment otherwise."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    aside.replace(path)
