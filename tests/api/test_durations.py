"""Durations as people say them."""

import pytest

from api.durations import spoken


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-3, "0 s"), (0.4, "0 s"), (18.2, "18 s"), (59.7, "1 min 00 s"), (185, "3 min 05 s"), (4320, "1 h 12 min")],
)
def test_a_duration_is_spoken_in_its_two_largest_units(seconds: float, expected: str) -> None:
    assert spoken(seconds) == expected
