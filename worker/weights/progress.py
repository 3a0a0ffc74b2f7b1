"""How a fetch tells how far it is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class FetchProgress:
    """A moment of a fetch.

    Attributes:
        source: where the bytes come from, in words.
        bytes_total: None while nobody knows.
        note: something worth a line of its own, such as a source that failed.
    """

    network: str
    source: str
    bytes_done: int = 0
    bytes_total: int | None = None
    note: str = ""


OnProgress = Callable[[FetchProgress], None]
OnBytes = Callable[[int, int | None], None]


def ignore(_progress: FetchProgress) -> None:
    """Tell nobody."""
