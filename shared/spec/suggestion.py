"""The suggestion for a misspelt name: what was meant, when one of the possible names is close."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(name: object, possible: Iterable[str]) -> str:
    """`did you mean 'iterations'? `, or nothing."""
    close = get_close_matches(str(name), list(possible), n=1)
    return f"did you mean {close[0]!r}? " if close else ""
