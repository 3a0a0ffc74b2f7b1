"""Sees that the ports are free before anything is started."""

import errno
import socket
from dataclasses import dataclass

from shared.errors import ConfigurationError


@dataclass(frozen=True)
class PortWish:
    """A port, who wants it, and how to choose another."""

    host: str
    port: int
    purpose: str
    option: str
    setting: str


def claim(wish: PortWish) -> None:
    """See that the port is free.

    Raises:
        ConfigurationError: it is not; names the port, the option, the setting and an example.
    """
    try:
        _bind(wish.host, wish.port)
    except OSError as error:
        reason = {
            errno.EADDRINUSE: "is taken by another process",
            errno.EACCES: "needs more rights than this user has",
        }.get(error.errno or 0, f"cannot be used: {error.strerror}")
        example = wish.port + 1 if 1024 <= wish.port < 65535 else 18000
        raise ConfigurationError(
            f"port {wish.port} on {wish.host} {reason}, and {wish.purpose} would listen there; "
            f"choose another, for example: {wish.option} {example}, or {wish.setting}={example}"
        ) from error


def free_port() -> int:
    """A port of the loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _bind(host: str, port: int) -> None:
    """Listen for a moment, in the way that servers do: a connection that lingers after a restart is no hindrance."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)
