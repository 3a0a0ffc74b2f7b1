"""WebP: pictures as a film would keep its key frames (https://developers.google.com/speed/webp/docs/riff_container).

Pillow packs each picture; its own writer of animations takes all of them in one go, and cannot be put away in between.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import PIL.Image
from PIL.ExifTags import Base

from worker.engine.containers.container import Film
from worker.engine.containers.stills import box_since
from worker.engine.palette import Pixels

QUALITY = 85
METHOD = 4
RIFF_HEAD = 12
ANIMATED = 0x02
WITH_EXIF = 0x08
# What lies under a picture is replaced; the picture is left to stand.
REPLACE_AND_KEEP = b"\x02"
BLACK = b"\0\0\0\xff"


@dataclass(frozen=True)
class Webp:
    """Pictures as an animated WebP keeps them."""

    film: Film

    def draw(self, picture: Pixels) -> Pixels:
        """The picture itself."""
        return picture

    def encode(self, number: int, drawing: Pixels, before: Pixels | None) -> bytes:
        """The rectangle that has changed, as one chunk."""
        left, top, right, bottom = box_since(before, drawing)
        # A corner's place is kept halved.
        left, top = left & ~1, top & ~1
        milliseconds = self.film.timeline.moment(number).milliseconds
        numbers = (left // 2, top // 2, right - left - 1, bottom - top - 1, milliseconds)
        head = b"".join(_three_bytes(value) for value in numbers) + REPLACE_AND_KEEP
        return _chunk(b"ANMF", head + _packed(drawing[top:bottom, left:right]))

    def around(self, length: int) -> tuple[bytes, bytes]:
        """The head, which tells the length of all, and the comment."""
        height, width = self.film.size
        comment = self._comment()
        flags = ANIMATED | (WITH_EXIF if comment else 0)
        canvas = bytes([flags, 0, 0, 0]) + _three_bytes(width - 1) + _three_bytes(height - 1)
        loop = BLACK + self.film.loop.to_bytes(2, "little")
        head = b"WEBP" + _chunk(b"VP8X", canvas) + _chunk(b"ANIM", loop)
        whole = len(head) + length + len(comment)
        return b"RIFF" + whole.to_bytes(4, "little") + head, comment

    def _comment(self) -> bytes:
        if not self.film.comment:
            return b""
        exif = PIL.Image.Exif()
        exif[Base.ImageDescription] = self.film.comment
        return _chunk(b"EXIF", exif.tobytes())


def _packed(picture: Pixels) -> bytes:
    """The chunks of the picture as a WebP of its own."""
    buffer = BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(picture)).save(buffer, "WEBP", quality=QUALITY, method=METHOD)
    return buffer.getvalue()[RIFF_HEAD:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)


def _three_bytes(value: int) -> bytes:
    return value.to_bytes(3, "little")
