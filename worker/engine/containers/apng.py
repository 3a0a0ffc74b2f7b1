"""APNG: pictures exactly as they are, in the chunks of a PNG (https://www.w3.org/TR/png-3/).

Pillow packs each picture; its own writer of animations holds all of them in memory.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import PIL.Image

from worker.engine.containers.container import Film
from worker.engine.containers.stills import box_since
from worker.engine.palette import Pixels

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COMPRESS_LEVEL = 6
# Eight bits a channel, red green blue.
RGB8 = b"\x08\x02\0\0\0"
MILLISECONDS = 1000
# A picture is left to stand, and replaces what lies under it.
KEEP_AND_REPLACE = b"\0\0"


@dataclass(frozen=True)
class Apng:
    """Pictures as an APNG keeps them."""

    film: Film

    def draw(self, picture: Pixels) -> Pixels:
        """The picture itself."""
        return picture

    def encode(self, number: int, drawing: Pixels, before: Pixels | None) -> bytes:
        """The rectangle that has changed, as a control chunk and one of data; both are numbered throughout."""
        left, top, right, bottom = box_since(before, drawing)
        place = struct.pack(">4I", right - left, bottom - top, left, top)
        times = struct.pack(">2H", self.film.timeline.moment(number).milliseconds, MILLISECONDS)
        control = place + times + KEEP_AND_REPLACE
        data = _packed(drawing[top:bottom, left:right])
        if number == 0:
            # The first picture is also what programs show that know of no animation.
            return _chunk(b"fcTL", _order(0) + control) + _chunk(b"IDAT", data)
        later = 2 * number - 1
        return _chunk(b"fcTL", _order(later) + control) + _chunk(b"fdAT", _order(later + 1) + data)

    def around(self, _length: int) -> tuple[bytes, bytes]:
        """Head and end."""
        height, width = self.film.size
        header = _chunk(b"IHDR", struct.pack(">2I", width, height) + RGB8)
        control = _chunk(b"acTL", struct.pack(">2I", len(self.film.timeline), self.film.loop))
        return SIGNATURE + header + control + self._comment(), _chunk(b"IEND", b"")

    def _comment(self) -> bytes:
        if not self.film.comment:
            return b""
        return _chunk(b"iTXt", b"dreamqueue\0\0\0\0\0" + self.film.comment.encode())


def _packed(picture: Pixels) -> bytes:
    """The data of the picture as a PNG of its own."""
    buffer = BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(picture)).save(buffer, "PNG", compress_level=COMPRESS_LEVEL)
    return b"".join(data for kind, data in _chunks(buffer.getvalue()) if kind == b"IDAT")


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = len(SIGNATURE)
    while start < len(png):
        length, kind = struct.unpack_from(">I4s", png, start)
        yield kind, png[start + 8 : start + 8 + length]
        start += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _order(number: int) -> bytes:
    return struct.pack(">I", number)
