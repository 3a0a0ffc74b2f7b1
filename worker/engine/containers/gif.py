"""GIF: 256 colours a picture, packed by Lempel, Ziv and Welch's method.

Pillow packs each picture. Its own writer of animations holds all of them in memory; here a picture is compared with
the one before, and only what has changed is kept.
"""

from dataclasses import dataclass

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL.GifImagePlugin import getdata

from worker.engine.containers.container import FOREVER, Film
from worker.engine.containers.stills import Box, changed_box
from worker.engine.palette import Histogram, Pixels, drawn, palette_of

COLORS = 255
"""One number is left for what stays as it was."""

# A picture is left to stand under the next.
KEEP = 1
FEWEST_CODE_BITS = 2
BLOCK = 255


@dataclass(frozen=True, eq=False)
class GifDrawing:
    """A picture in the colours of a palette.

    Attributes:
        numbers: of the colours, `(height, width)`.
        palette: the colours.
        shown: the colours at every pixel as one number, to compare pictures of two palettes.
    """

    numbers: Pixels
    palette: Pixels
    shown: NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Gif:
    """Pictures as a GIF keeps them."""

    film: Film

    def draw(self, picture: Pixels) -> GifDrawing:
        """The picture in at most 255 colours."""
        given = self.film.palette
        palette = palette_of(Histogram.of(picture), COLORS) if given is None else given
        numbers = drawn(picture, palette, dither=self.film.dither)
        packed = palette.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        return GifDrawing(numbers, palette, packed[numbers])

    def encode(self, number: int, drawing: GifDrawing, before: GifDrawing | None) -> bytes:
        """The rectangle that has changed, with or without what has not changed in it, whichever is shorter."""
        height, width = drawing.numbers.shape
        if before is None:
            return self._head(drawing.palette) + self._picture(number, drawing, (0, 0, width, height))
        changed = drawing.shown != before.shown
        box = changed_box(changed)
        part = self._picture(number, drawing, box, changed)
        left, top, right, bottom = box
        if not changed[top:bottom, left:right].any():
            return part
        return min(self._picture(number, drawing, box), part, key=len)

    def around(self, _length: int) -> tuple[bytes, bytes]:
        """The end alone: the head came with the first picture, whose palette stands in it."""
        return b"", b";"

    def _head(self, palette: Pixels) -> bytes:
        """The first picture's palette is that of all pictures that bring none."""
        height, width = self.film.size
        table = _table(palette)
        flags = 0xF0 | (_table_bits(table) - 1)
        screen = width.to_bytes(2, "little") + height.to_bytes(2, "little") + bytes([flags, 0, 0])
        return b"GIF89a" + screen + table + self._repeats() + self._comment()

    def _repeats(self) -> bytes:
        """The extension counts repeats after the first time; without it a GIF plays once."""
        if self.film.loop == 1:
            return b""
        repeats = FOREVER if self.film.loop == FOREVER else self.film.loop - 1
        return b"!\xff\x0bNETSCAPE2.0\x03\x01" + repeats.to_bytes(2, "little") + b"\0"

    def _comment(self) -> bytes:
        text = self.film.comment.encode()
        if not text:
            return b""
        blocks = [text[start : start + BLOCK] for start in range(0, len(text), BLOCK)]
        return b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"

    def _picture(self, number: int, drawing: GifDrawing, box: Box, changed: NDArray[np.bool_] | None = None) -> bytes:
        """A rectangle of the picture; where `changed` is false, what was there shines through."""
        left, top, right, bottom = box
        within = np.s_[top:bottom, left:right]
        numbers, opaque = drawing.numbers[within], None if changed is None else changed[within]
        palette = drawing.palette
        own = number > 0 and self.film.palette is None
        if own:
            numbers, palette = _used(numbers, palette, opaque)
        options: dict[str, int] = {"duration": self.film.timeline.moment(number).milliseconds, "disposal": KEEP}
        if opaque is not None:
            options["transparency"] = len(palette)
            numbers = np.where(opaque, numbers, len(palette)).astype(np.uint8)
        return _packed(numbers, _table(palette), (left, top), {**options, "include_color_table": own})


def _used(numbers: Pixels, palette: Pixels, opaque: NDArray[np.bool_] | None) -> tuple[Pixels, Pixels]:
    """The same picture with a palette of those colours only that are seen."""
    seen = np.flatnonzero(np.bincount(numbers.ravel() if opaque is None else numbers[opaque], minlength=len(palette)))
    places = np.zeros(len(palette), np.uint8)
    places[seen] = np.arange(len(seen))
    return places[numbers], palette[seen]


def _packed(numbers: Pixels, table: bytes, corner: tuple[int, int], options: dict[str, int]) -> bytes:
    """The blocks of a picture."""
    image = PIL.Image.fromarray(np.ascontiguousarray(numbers), "P")
    image.putpalette(table)
    code_bits = max(FEWEST_CODE_BITS, _table_bits(table))
    image.encoderconfig = (code_bits, False)
    parts = getdata(image, corner, **options)
    # Pillow packs as it is told, but always tells eight bits.
    parts[parts.index(b"\x08")] = bytes([code_bits])
    return b"".join(parts)


def _table(palette: Pixels) -> bytes:
    """The palette with a number to spare, in one of the sizes that a GIF knows."""
    bits = len(palette).bit_length()
    return palette.tobytes().ljust(3 << bits, b"\0")


def _table_bits(table: bytes) -> int:
    return (len(table) // 3 - 1).bit_length()
