"""The server's time, known from its events alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.server_clock import ServerClock

START = datetime(2001, 2, 3, tzinfo=UTC)


def test_between_two_events_the_clock_goes_on() -> None:
    here = iter([1000.0, 1090.0])
    clock = ServerClock(START, lambda: next(here))

    assert clock.now() == START + timedelta(seconds=90)


@given(delays=st.lists(st.integers(0, 5000), min_size=1))
def test_the_least_delayed_event_tells_the_time(delays: list[int]) -> None:
    here = iter(range(1000, 2000))
    clock = ServerClock(START - timedelta(days=1), lambda: next(here))

    for passed, delay in enumerate(delays, start=1):
        clock.heard(START + timedelta(seconds=passed - delay))

    assert clock.now() == START + timedelta(seconds=len(delays) + 1 - min(delays))
