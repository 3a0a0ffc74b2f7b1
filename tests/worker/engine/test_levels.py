"""Levels grow to the full size, and share out every step."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from worker.engine.levels import style_levels

sides = st.integers(1, 400)


@given(height=sides, width=sides, wanted=st.integers(1, 8), steps=st.integers(1, 300), smallest=st.floats(0, 2))
def test_levels_grow_to_the_full_size_and_share_out_every_step(
    height: int, width: int, wanted: int, steps: int, smallest: float
) -> None:
    # when
    levels = style_levels((height, width), wanted, steps, smallest)

    # then
    assert 1 <= len(levels) <= wanted
    assert levels[-1].size == (height, width)
    assert all(coarse.size <= fine.size for coarse, fine in pairwise(levels))
    assert all(coarse.end == fine.first_step for coarse, fine in pairwise(levels))
    assert levels[0].first_step == 0
    assert levels[-1].end == steps
    assert all(level.steps >= 1 for level in levels)


def test_most_steps_are_made_where_they_are_cheap() -> None:
    # when
    levels = style_levels((300, 400), 3, 90, 0.0)

    # then
    assert [level.steps for level in levels] == [58, 23, 9]


def test_levels_too_small_to_see_anything_are_left_out() -> None:
    assert [level.scale for level in style_levels((300, 400), 3, 90, 0.5)] == [0.6, 1.0]
