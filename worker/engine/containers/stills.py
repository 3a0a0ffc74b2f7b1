"""A container whose pictures are encoded one at a time, so that it can be put away between any two."""

from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from worker.engine.palette import Pixels

Drawing = TypeVar("Drawing")
Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels."""


class StillFormat(Protocol[Drawing]):
    """How a format keeps one picture, as pure functions of the picture and of the one before it."""

    def draw(self, picture: Pixels) -> Drawing:
        """The picture as the format can show it."""
        ...

    def encode(self, number: int, drawing: Drawing, before: Drawing | None) -> bytes:
        """What the file grows by; where `before` shows already what `drawing` shows, it may stay."""
        ...

    def around(self, length: int, /) -> tuple[bytes, bytes]:
        """What stands before and behind so many encoded bytes."""
        ...


class Stills(Generic[Drawing]):
    """The pictures of a format, encoded so far."""

    def __init__(self, still: StillFormat[Drawing]) -> None:
        self._still = still
        self._body: list[bytes] = []
        self._before: Drawing | None = None
        self.pictures = 0

    def add(self, picture: Pixels) -> None:
        """Encode the next picture."""
        drawing = self._still.draw(picture)
        self._body.append(self._still.encode(self.pictures, drawing, self._before))
        self._before = drawing
        self.pictures += 1

    def finish(self) -> bytes:
        """The whole file; the pictures are let go, so that they lie in memory once."""
        body, self._body = self._body, []
        head, tail = self._still.around(sum(map(len, body)))
        return b"".join([head, *body, tail])

    def pack(self) -> bytes:
        """All that was encoded, and kept as one from here on."""
        self._body = [b"".join(self._body)]
        return self._body[0]

    def unpack(self, packed: bytes, pictures: int, last: Pixels) -> None:
        """Go on behind all that was encoded."""
        self._body = [packed]
        self._before = self._still.draw(last)
        self.pictures = pictures


def box_since(before: Pixels | None, picture: Pixels) -> Box:
    """The smallest rectangle in which a picture differs from the one before; all of it where there is none."""
    height, width = picture.shape[:2]
    return (0, 0, width, height) if before is None else changed_box((picture != before).any(axis=2))


def changed_box(changed: NDArray[np.bool_]) -> Box:
    """The smallest rectangle with every change in it, of one pixel at least: every format wants some picture."""
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not rows.size:
        return 0, 0, 1, 1
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
