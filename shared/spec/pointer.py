"""JSON pointers (RFC 6901): how a place in a spec is named."""

from collections.abc import Sequence


def pointer_to(place: Sequence[str | int]) -> str:
    """The pointer of a place."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)
