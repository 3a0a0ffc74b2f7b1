"""Tiles cover every pixel exactly once, and see enough around them."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.engine.tiles import Tile, haloed_tiles, shifted_tiles, tile_length

sides = st.integers(1, 300)
wanted = st.integers(8, 200)


def times_covered(size: tuple[int, int], tiles: list[Tile]) -> np.ndarray:
    covered = np.zeros(size, int)
    for tile in tiles:
        covered[tile.rows.slice, tile.columns.slice] += 1
    return covered


@pytest.mark.parametrize(
    ("length", "expected"), [(300, 300), (600, 300), (601, 301), (1000, 500), (1001, 334), (1400, 350), (4000, 400)]
)
def test_tile_lengths_are_the_original_programs(length: int, expected: int) -> None:
    assert tile_length(length, 400) == expected


@given(height=sides, width=sides, tile=wanted, seed=st.integers())
def test_shifted_tiles_cover_every_pixel_once(height: int, width: int, tile: int, seed: int) -> None:
    # when
    tiles = list(shifted_tiles((height, width), tile, random.Random(seed)))

    # then
    assert (times_covered((height, width), tiles) == 1).all()


@given(height=sides, width=sides, tile=wanted, halo=st.integers(0, 90), power=st.integers(0, 5))
def test_haloed_tiles_cover_every_pixel_once_and_keep_the_layers_in_phase(
    height: int, width: int, tile: int, halo: int, power: int
) -> None:
    # given
    stride = 2**power

    # when
    tiles = list(haloed_tiles((height, width), tile, halo, stride))

    # then
    assert (times_covered((height, width), tiles) == 1).all()
    for tile_ in tiles:
        seen = tile_.seen_rows
        assert seen.start % stride == 0
        assert (seen.stop - seen.start - height) % stride == 0 or seen.stop == height
        assert seen.start <= max(0, tile_.rows.start - halo)
        assert seen.stop >= min(height, tile_.rows.stop + halo)
