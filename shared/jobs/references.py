"""Who needs the results and images of the artifact store, so that none is removed while somebody does."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

from collections.abc import Mapping, Sequence
from typing import cast

import redis

from shared.errors import ArtifactStoreError
from shared.jobs.connection import answering
from shared.jobs.transitions import Transitions

HOLD_SECONDS = 60
"""How long a client has from naming an image to being taken in with it."""
SWEEP_SECONDS = 120
"""How long a sweep may take over the objects that it has condemned; one that died keeps nobody waiting for longer."""
MOST_AT_ONCE = 500


class References:
    """Objects are stages' results, named by stage keys, and uploaded images, named by their ids.

    A job refers to its results until it is parted from its pictures, and to its images until it is forgotten.
    Every method may raise StoreUnavailableError; asking again is always safe.
    """

    def __init__(self, client: redis.Redis, prefix: str, transitions: Transitions) -> None:
        self._redis = client
        self._prefix = prefix
        self._transitions = transitions

    def referrers(self, objects: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """The jobs that refer to each of the objects."""
        found: dict[str, frozenset[str]] = {}
        for start in range(0, len(objects), MOST_AT_ONCE):
            chunk = objects[start : start + MOST_AT_ONCE]
            with answering(), self._redis.pipeline(transaction=False) as pipeline:
                for name in chunk:
                    pipeline.smembers(f"{self._prefix}:references:{name}")
                answers = cast("list[set[str]]", pipeline.execute())
            found.update(zip(chunk, map(frozenset, answers), strict=True))
        return found

    def hold(self, objects: Sequence[str]) -> None:
        """Keep objects from being swept until a job that names them is taken in.

        Raises:
            ArtifactStoreError: one of them is being removed at this moment.
        """
        swept = self._transitions.run("hold", HOLD_SECONDS * 1000, *objects) if objects else ""
        if swept:
            raise ArtifactStoreError(f"{swept} is being removed just now, for nobody needed it; ask again in a moment")

    def condemn(self, token: str, objects: Sequence[str]) -> tuple[str, ...]:
        """Take those objects that nobody needs, to remove them: no stage that would make or find one is given out."""
        return tuple(self._transitions.run("condemn", token, SWEEP_SECONDS * 1000, *objects))

    def swept(self, token: str, objects: Sequence[str]) -> None:
        """Let go of objects condemned under this token."""
        self._transitions.run("swept", token, *objects)
