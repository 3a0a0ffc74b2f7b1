"""Runs the Lua scripts by which jobs and stages change."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import redis

from shared.jobs.connection import answering

SCRIPTS = resources.files("shared.jobs.scripts")
TRANSITIONS = (
    "acquire",
    "cancel",
    "commit",
    "condemn",
    "create",
    "elect",
    "equipment",
    "expire",
    "fail",
    "forget",
    "hold",
    "look",
    "needed",
    "pause",
    "record_unit",
    "release",
    "renew",
    "reopen",
    "resume",
    "retire",
    "retry",
    "runnable",
    "swept",
)


class Transitions:
    """Every change of a job, each one script that happens whole or not at all."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self.prefix = prefix
        self._client = client
        self._scripts: Mapping[str, Any] = {name: client.register_script(source(name)) for name in TRANSITIONS}

    def run(self, name: str, *arguments: str | float) -> Any:
        """What the script answers; its file tells the arguments and the answers.

        Raises:
            StoreUnavailableError: Redis did not answer; whether the change was made is not known, asking again is safe.
        """
        with answering():
            return self._scripts[name](args=[self.prefix, *arguments])

    def run_each(self, name: str, arguments: Sequence[str]) -> list[Any]:
        """What the script answers to each of the arguments, in one round trip."""
        if not arguments:
            return []
        with answering(), self._client.pipeline(transaction=False) as pipeline:
            for argument in arguments:
                self._scripts[name](args=[self.prefix, argument], client=pipeline)
            return pipeline.execute()


def source(name: str) -> str:
    """The script behind the words that all of them share."""
    words = SCRIPTS.joinpath("protocol.lua").read_text(encoding="utf-8")
    return words + SCRIPTS.joinpath(f"{name}.lua").read_text(encoding="utf-8")
