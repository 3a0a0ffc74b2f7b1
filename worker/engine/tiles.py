"""Tiles that cover an image, so that a gradient needs the memory of one tile."""

import math
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from worker.engine.image import Size

Alive: TypeAlias = Callable[[], None]


def unwatched() -> None:
    """A sign of life that nobody waits for."""


@dataclass(frozen=True)
class Span:
    """Pixels `start <= i < stop` along one axis."""

    start: int
    stop: int

    @property
    def slice(self) -> slice:
        """The span as an index."""
        return slice(self.start, self.stop)

    def within(self, outer: "Span") -> "Span":
        """The same pixels, counted from the start of a span around them."""
        return Span(self.start - outer.start, self.stop - outer.start)

    def strided(self, stride: int) -> "Span":
        """The positions of a strided layer, one every `stride` pixels, whose pixels lie in the span."""
        return Span(-(-self.start // stride), -(-self.stop // stride))


@dataclass(frozen=True)
class Tile:
    """A rectangle of an image whose gradient is kept (`rows`, `columns`), and the larger one it is computed from."""

    rows: Span
    columns: Span
    seen_rows: Span
    seen_columns: Span


@dataclass(frozen=True)
class WatchedTiles:
    """Tiles gone through one after another, with a sign of life after each: all of them may take too long without.

    Attributes:
        tiles: the tiles.
        alive: gives the sign.
    """

    tiles: Iterable[Tile]
    alive: Alive

    def __iter__(self) -> Iterator[Tile]:
        """Every tile in order."""
        for tile in self.tiles:
            yield tile
            self.alive()


def tile_length(length: int, wanted: int) -> int:
    """The tile length near the wanted one that splits `length` pixels into equal tiles."""
    count = max(1, round(length / wanted))
    return math.ceil(length / count)


def shifted_tiles(size: Size, wanted: int, draws: random.Random) -> Iterator[Tile]:
    """The original program's tiles: cut at the borders, from a random offset, a fresh one for each band of rows."""
    height, width = size
    tile_height, tile_width = tile_length(height, wanted), tile_length(width, wanted)
    for rows in _shifted_spans(height, tile_height, draws):
        for columns in _shifted_spans(width, tile_width, draws):
            yield Tile(rows, columns, rows, columns)


def haloed_tiles(size: Size, wanted: int, halo: int, stride: int) -> Iterator[Tile]:
    """Tiles that see `halo` pixels beyond their borders, so that their gradient is that of the whole image.

    Positions of a strided layer fall on the same pixels as in the whole image only where a tile starts at a multiple of
    the stride and is as long as the image modulo the stride (TensorFlow's SAME padding depends on the length).
    """
    row_spans = list(_haloed_spans(size[0], wanted, halo, stride))
    column_spans = list(_haloed_spans(size[1], wanted, halo, stride))
    for rows, seen_rows in row_spans:
        for columns, seen_columns in column_spans:
            yield Tile(rows, columns, seen_rows, seen_columns)


def _shifted_spans(length: int, tile: int, draws: random.Random) -> Iterator[Span]:
    quarter = tile // 4
    start = draws.randint(-3 * quarter, -quarter)
    while start < length:
        yield Span(max(start, 0), min(start + tile, length))
        start += tile


def _haloed_spans(length: int, wanted: int, halo: int, stride: int) -> Iterator[tuple[Span, Span]]:
    tile = tile_length(length, wanted)
    for start in range(0, length, tile):
        core = Span(start, min(start + tile, length))
        seen_start = max(0, core.start - halo) // stride * stride
        seen_length = core.stop + halo - seen_start
        seen_length += (length - seen_length) % stride
        yield core, Span(seen_start, min(length, seen_start + seen_length))
