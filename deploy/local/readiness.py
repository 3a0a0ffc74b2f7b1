"""Ways to see that a process is ready for work."""

import re
from collections.abc import Sequence

import httpx
import redis

from deploy.local.process import Readiness

# A check that hangs would hold up the start, so it may take this long at most.
CHECK_SECONDS = 2.0


def answers(url: str) -> Readiness:
    """Ready when a GET of the address succeeds."""

    def check(_lines: Sequence[str]) -> bool:
        try:
            # A proxy in the environment is not asked for a process of this machine.
            return httpx.get(url, timeout=CHECK_SECONDS, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    return check


def pings(url: str) -> Readiness:
    """Ready when the Redis server at the address answers PING, which it does not while it still loads."""

    def check(_lines: Sequence[str]) -> bool:
        return ping_failure(url) is None

    return check


def says(pattern: str) -> Readiness:
    """Ready when one of the lines that the process wrote holds the pattern."""
    expression = re.compile(pattern)

    def check(lines: Sequence[str]) -> bool:
        return any(expression.search(line) for line in lines)

    return check


def ping_failure(url: str) -> str | None:
    """Why the Redis server at the address does not answer; None when it does."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=CHECK_SECONDS, socket_timeout=CHECK_SECONDS) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        return str(error)
    return None
