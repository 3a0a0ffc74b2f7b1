"""Server-sent events read from bytes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.sse import ServerSent, server_sent

STREAM = (
    ': ping\n\nevent: a\ndata: {"x":"\u2028"}\nid: 1-0\n\nid: 2-0\r\ndata: one\r\ndata:two\r\n\r\ndata: lost'.encode()
)
EVENTS = [ServerSent("1-0", "a", '{"x":"\u2028"}'), ServerSent("2-0", "message", "one\ntwo")]


@given(st.lists(st.integers(0, len(STREAM))))
def test_events_are_the_same_however_the_bytes_arrive(cuts: list[int]) -> None:
    ends = sorted({0, len(STREAM), *cuts})
    chunks = [STREAM[start:stop] for start, stop in pairwise(ends)]

    assert list(server_sent(chunks)) == EVENTS
