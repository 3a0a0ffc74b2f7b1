"""The rights that the documents give to an account are the least that suffice: without any of them something fails."""

import gc
from contextlib import suppress

import pytest
import redis

from tests.account import change_account, documented_account, documented_rules
from tests.rights import use_everything

OPTIONAL = {"+config|get"}
"""Without it less is known of the server at the start, and a warning says so."""
REASONS = {"+": "command", "~": "key", "&": "channel"}
"""What Redis logs of a refusal, by how the right begins that would have spared it."""
RIGHTS = [rule for rule in documented_rules() if rule[0] in "~&+" and rule not in OPTIONAL]


def test_all_that_the_service_asks_of_redis_is_granted(redis_url: str) -> None:
    account = documented_account(redis_url)

    use_everything(account)


@pytest.mark.slow
# A client that is refused in the middle of its connecting leaves its socket to the collector: here, not later.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("right", RIGHTS)
def test_without_a_right_something_is_refused(redis_url: str, right: str) -> None:
    account = documented_account(redis_url)
    change_account(redis_url, "reset", *(rule for rule in documented_rules() if rule != right))

    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        client.acl_log_reset()
        # Where they are known, nobody needs to load them.
        client.script_flush()
        # What is refused raises most often, but some of it kombu only logs.
        with suppress(Exception):
            use_everything(account)
        gc.collect()
        refused = {(str(entry["reason"]), str(entry["object"])) for entry in client.acl_log()}

    # Clients try commands that nobody needs: only what this right would have allowed counts.
    reason = REASONS[right[0]]
    assert (reason, right[1:]) in refused if reason == "command" else reason in {kind for kind, _ in refused}
