"""What every container of an animation offers: it takes pictures one by one and ends as the bytes of a file."""

from dataclasses import dataclass
from typing import Protocol

from worker.engine.palette import Pixels
from worker.engine.timeline import Timeline

FOREVER = 0


@dataclass(frozen=True, eq=False)
class Film:
    """What a container must know before the first picture.

    Attributes:
        size: `(height, width)` in pixels.
        timeline: how many pictures there are, and how long each is shown.
        loop: how often to play; 0 is forever.
        comment: what the file tells of its own making.
        palette: the colours of all pictures, or None for each picture's own; only a GIF asks.
        dither: scatter what a palette misses; only a GIF asks.
    """

    size: tuple[int, int]
    timeline: Timeline
    loop: int = FOREVER
    comment: str = ""
    palette: Pixels | None = None
    dither: bool = False


class Container(Protocol):
    """A file that grows by a picture at a time."""

    @property
    def pictures(self) -> int:
        """How many it holds by now."""
        ...

    def add(self, picture: Pixels) -> None:
        """Take in the next picture."""
        ...

    def finish(self) -> bytes:
        """The whole file, once all pictures are in."""
        ...

    def pack(self) -> bytes:
        """The pictures taken in so far; nothing where they cannot be put away."""
        ...

    def unpack(self, packed: bytes, pictures: int, last: Pixels, /) -> None:
        """Take up what `pack` put away: so many pictures, the last of which is given once more."""
        ...
