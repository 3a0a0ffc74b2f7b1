"""Byte ranges as RFC 9110 has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ranges import ByteRange, UnsatisfiableRangeError, requested_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-3", ByteRange(0, 4)),
        ("bytes=2-", ByteRange(2, 8)),
        ("bytes=2-100", ByteRange(2, 8)),
        ("bytes=-3", ByteRange(7, 3)),
        ("bytes=-100", ByteRange(0, 10)),
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-3", None),
        ("bytes=a-b", None),
        ("bytes=" + 30 * "9" + "-", None),
    ],
)
def test_a_range_of_a_file_of_ten_bytes(header: str | None, expected: ByteRange | None) -> None:
    assert requested_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=11-20", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(UnsatisfiableRangeError, match="10 bytes"):
        requested_range(header, 10)


@given(st.text(max_size=30), st.integers(0, 100))
def test_whatever_the_header_the_part_lies_in_the_file(text: str, size: int) -> None:
    try:
        part = requested_range(f"bytes={text}", size)
    except UnsatisfiableRangeError:
        return

    assert part is None or (part.length > 0 and part.start >= 0 and part.start + part.length <= size)
