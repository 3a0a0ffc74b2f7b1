"""Byte ranges: which part of a file a `Range` header asks for."""

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII)
_MAX_DIGITS = 18


@dataclass(frozen=True)
class ByteRange:
    """Part of a file, in bytes."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """The `Content-Range` header of this part of a file of `size` bytes."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


class UnsatisfiableRangeError(ValueError):
    """The file has nothing there."""


def requested_range(header: str | None, size: int) -> ByteRange | None:
    """The part asked for of a file of `size` bytes; None when the whole is to be sent (RFC 9110, 14.2).

    Several ranges at once, other units and malformed headers are answered with the whole, as the RFC allows.

    Raises:
        UnsatisfiableRangeError: the file ends before the part begins.
    """
    match = _SINGLE.fullmatch(header or "")
    if match is None or max(map(len, match.groups())) > _MAX_DIGITS:
        return None
    first, last = match.groups()
    if first == "":
        return _suffix(int(last), size) if last else None
    start, stop = int(first), min(int(last) + 1 if last else size, size)
    if last and int(last) < start:
        return None
    if start >= size:
        raise UnsatisfiableRangeError(f"the file has {size} bytes; the range begins at {start}")
    return ByteRange(start, stop - start)


def _suffix(length: int, size: int) -> ByteRange:
    """The last `length` bytes."""
    if length == 0 or size == 0:
        raise UnsatisfiableRangeError(f"the file has {size} bytes; the last {length} were asked for")
    return ByteRange(max(0, size - length), min(length, size))
