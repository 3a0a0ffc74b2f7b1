"""Connections to Redis: short timeouts, and every way of not answering told as one of our errors."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

import ssl
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
)
from redis.retry import Retry

from shared.errors import ConfigurationError, StoreUnavailableError
from shared.settings import RedisSettings

UNAVAILABLE = (redis.ConnectionError, redis.TimeoutError, OutOfMemoryError, ReadOnlyError, BusyLoadingError)
REFUSED = (AuthenticationError, AuthorizationError, NoPermissionError)
"""Whoever asks again is refused again; redis-py counts some of them among the broken connections."""
REFUSED_IN_A_SCRIPT = ("ACL failure in script", "The user executing the script")
"""What Valkey and Redis say of a right that is missing inside of a script; it bears no code."""
NOT_NOW = ("MISCONF ", "BUSY ", "MASTERDOWN ")
"""Codes of a server that takes no changes for a while: its disk is full, or a script keeps it busy."""
TLS_ADVICE = (
    "DREAMQUEUE_REDIS__URL must begin with rediss:// where the server speaks TLS and with redis:// where it does not, "
    "and name the authority of its certificate: rediss://...?ssl_ca_certs=FILE"
)
ONCE_MORE = 1
"""A dropped connection is noticed only by using it; every transition may safely be sent twice."""


def connect(url: str, settings: RedisSettings) -> redis.Redis:
    """A client that answers in text, or fails within its timeouts."""
    retry = Retry(NoBackoff(), ONCE_MORE, supported_errors=(redis.ConnectionError,))
    return redis.Redis.from_url(url, retry=retry, **_options(settings))


def connect_async(url: str, settings: RedisSettings) -> redis.asyncio.Redis:
    """The same for asyncio."""
    retry = AsyncRetry(NoBackoff(), ONCE_MORE, supported_errors=(redis.ConnectionError,))
    return redis.asyncio.Redis.from_url(url, retry=retry, **_options(settings))


@contextmanager
def answering() -> Generator[None]:
    """Turn whatever Redis does instead of answering into StoreUnavailableError; a refusal into ConfigurationError."""
    try:
        yield
    except redis.RedisError as error:
        told = _told(error)
        if told is None:
            raise
        raise told from error


def _told(error: redis.RedisError) -> ConfigurationError | StoreUnavailableError | None:
    """One of our errors for one of redis-py's; None for those that only a mistake of ours brings about."""
    text = str(error)
    if isinstance(error, REFUSED) or text.startswith(REFUSED_IN_A_SCRIPT):
        return ConfigurationError(
            f"Redis refuses our account: {text}; mend user and password in DREAMQUEUE_REDIS__URL, or the account's "
            "rights (docs/running.md lists those it needs)"
        )
    if _mistrusted(error):
        return ConfigurationError(f"no TLS with Redis: {text}; {TLS_ADVICE}")
    if isinstance(error, UNAVAILABLE) or text.startswith(NOT_NOW):
        return StoreUnavailableError(f"Redis does not serve: {text}; is it up, reachable and not full?")
    return None


def server_address(url: str) -> str:
    """Host and port of a server: nothing of its address that could be secret."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _mistrusted(error: BaseException | None) -> bool:
    """Whether TLS itself failed, and not a connection that happened to break under it."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError)
        error = error.__cause__ or error.__context__
    return False


def _options(settings: RedisSettings) -> dict[str, Any]:
    return {
        "decode_responses": True,
        "socket_connect_timeout": settings.connect_timeout_seconds,
        "socket_timeout": settings.timeout_seconds,
        "socket_keepalive": True,
    }
