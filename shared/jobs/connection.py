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
    except REFUSED as error:
        raise ConfigurationError(
            f"Redis refuses our account: {error}; mend user and password in DREAMQUEUE_REDIS__URL, or the account's "
            "rights (docs/running.md lists those it needs)"
        ) from error
    except UNAVAILABLE as error:
        if _mistrusted(error):
            raise ConfigurationError(f"no TLS with Redis: {error}; {TLS_ADVICE}") from error
        raise StoreUnavailableError(f"Redis does not serve: {error}; is it up, reachable and not full?") from error


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
