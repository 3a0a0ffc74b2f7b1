"""Kombu's transport for Redis, for which a Redis that is full or only reads is away, not broken.

Kombu's own counts only lost connections; whatever else Redis answers ends the worker as an unrecoverable error.
"""

# Kombu comes without types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from kombu.transport import TRANSPORT_ALIASES
from kombu.transport.redis import Transport

from shared.jobs.connection import UNAVAILABLE


class PatientTransport(Transport):
    """Connects anew, as after a lost connection, until Redis serves again."""

    connection_errors = (*Transport.connection_errors, *UNAVAILABLE)


def install() -> None:
    """Let every address of a Redis broker be served by it."""
    path = f"{PatientTransport.__module__}:{PatientTransport.__qualname__}"
    TRANSPORT_ALIASES.update(redis=path, rediss=path)
