"""A mosaic's tiles hold every position of every layer once, and see what those positions see."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.engine.mosaic import mosaic, positions
from worker.engine.tiles import Span

lengths = st.integers(1, 200)


@settings(deadline=None)
@given(height=lengths, width=lengths, side=st.integers(1, 100), halo=st.integers(0, 40), power=st.integers(0, 4))
def test_every_position_of_every_layer_lies_in_exactly_one_tile(
    height: int, width: int, side: int, halo: int, power: int
) -> None:
    # when
    tiles = mosaic((height, width), side, halo, 2**power)

    # then
    for stride in (2**number for number in range(power + 1)):
        covered = np.zeros((-(-height // stride), -(-width // stride)), int)
        for tile in tiles:
            covered[positions(tile.rows, stride).slice, positions(tile.columns, stride).slice] += 1
        assert (covered == 1).all()


@settings(deadline=None)
@given(length=lengths, side=st.integers(1, 100), halo=st.integers(0, 40), power=st.integers(0, 4))
def test_a_tile_sees_its_halo_and_starts_where_strides_do(length: int, side: int, halo: int, power: int) -> None:
    # when
    tiles = mosaic((length, 1), side, halo, 2**power)

    # then
    for tile in tiles:
        assert tile.seen_rows.start <= max(0, tile.rows.start - halo)
        assert tile.seen_rows.stop >= min(length, tile.rows.stop + halo)
        assert tile.seen_rows.start % 2**power == 0
        assert tile.seen_rows.stop % 2**power == 0 or tile.seen_rows.stop == length


def test_the_last_positions_of_an_odd_length_are_a_tiles_too() -> None:
    assert positions(Span(16, 37), 4) == Span(4, 10)
