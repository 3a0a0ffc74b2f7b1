"""Sets aside bytes that are not the bytes that were written, so that nothing is computed from them."""

import hashlib

import structlog

from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactCorruptError, ArtifactStoreError

log = structlog.get_logger(__name__)

QUARANTINE = "quarantine/"


def digest(data: bytes) -> str:
    """The sha256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def intact(artifacts: ArtifactStore, key: str, sha256: str) -> bytes:
    """The bytes at `key`, which must have this sha256; others are set aside.

    Raises:
        NotFoundError: there is nothing at `key`.
        ArtifactCorruptError: there was something else.
    """
    data = artifacts.get(key)
    found = digest(data)
    if found == sha256:
        return data
    reason = f"{key} is damaged: expected sha256 {sha256}, found {found} in {len(data):,} bytes"
    set_aside(artifacts, key, data, reason)
    raise ArtifactCorruptError(reason)


def set_aside(artifacts: ArtifactStore, key: str, data: bytes, reason: str) -> None:
    """Move damaged bytes to the same key in the quarantine, for whoever wants to know what befell them.

    Where that fails they stay: whoever reads them checks them, and what is made again replaces them.
    """
    try:
        artifacts.put(QUARANTINE + key, data)
        artifacts.delete(key)
    except ArtifactStoreError as error:
        log.warning("damaged, but could not be set aside", key=key, damage=reason, reason=str(error))
        return
    log.error("damaged; set aside", key=key, quarantine=QUARANTINE + key, damage=reason)
