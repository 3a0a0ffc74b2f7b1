"""Whatever Redis does instead of answering is told as one of our errors, and told apart: away, or refused."""

import pytest
import redis
from redis.exceptions import NoPermissionError, OutOfMemoryError

from shared.errors import ConfigurationError, DreamqueueError, StoreUnavailableError
from shared.jobs.connection import answering


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (redis.ConnectionError("Connection refused"), StoreUnavailableError),
        (redis.TimeoutError("Timeout reading from socket"), StoreUnavailableError),
        (OutOfMemoryError("command not allowed"), StoreUnavailableError),
        (redis.ResponseError("MISCONF Errors writing to the AOF file: No space left on device"), StoreUnavailableError),
        (redis.ResponseError("BUSY Redis is busy running a script"), StoreUnavailableError),
        (redis.AuthenticationError("invalid username-password pair"), ConfigurationError),
        (NoPermissionError("no permissions to run the 'zadd' command"), ConfigurationError),
        (redis.ResponseError("ACL failure in script: no permissions to run 'zadd'"), ConfigurationError),
        (redis.ResponseError("The user executing the script can't run this command"), ConfigurationError),
    ],
)
def test_an_error_of_redis_tells_whether_to_wait_or_to_mend(error: Exception, told: type[DreamqueueError]) -> None:
    with pytest.raises(told, match=str(error)[:20]), answering():
        raise error


def test_a_mistake_of_ours_stays_what_it_is() -> None:
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"), answering():
        raise redis.ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value")
