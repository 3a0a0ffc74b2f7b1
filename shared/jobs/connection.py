"""Connections to Redis: short timeouts, and every way of not answering told as one of our errors."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, OutOfMemoryError, ReadOnlyError
from redis.retry import Retry

from shared.errors import StoreUnavailableError
from shared.settings import RedisSettings

UNAVAILABLE = (redis.ConnectionError, redis.TimeoutError, OutOfMemoryError, ReadOnlyError, BusyLoadingError)
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
    """Turn whatever Redis does instead of answering into StoreUnavailableError."""
    try:
        yield
    except UNAVAILABLE as error:
        raise StoreUnavailableError(f"Redis does not serve: {error}; is it up, reachable and not full?") from error


def _options(settings: RedisSettings) -> dict[str, Any]:
    return {
        "decode_responses": True,
        "socket_connect_timeout": settings.connect_timeout_seconds,
        "socket_timeout": settings.timeout_seconds,
        "socket_keepalive": True,
    }
