"""Who a job belongs to, by a name that is shown and counted with, not yet proven."""

from shared.errors import BadOwnerError

ANONYMOUS = "anonymous"
"""The owner of jobs that were handed in without one."""
MOST_CHARACTERS = 64


def checked_owner(name: str) -> str:
    """The name itself, where it can be an owner's.

    Raises:
        BadOwnerError: it cannot.
    """
    if 0 < len(name) <= MOST_CHARACTERS and name.isprintable() and name == name.strip():
        return name
    shown = name if len(name) <= MOST_CHARACTERS else f"{name[:MOST_CHARACTERS]}..."
    raise BadOwnerError(
        f"no owner can be named {shown!r}; give 1 to {MOST_CHARACTERS} printable characters, no space at either end"
    )
