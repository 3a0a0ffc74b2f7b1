"""Octaves end at the image's size, and shrink as in the original program."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from worker.engine.image import Image, resize
from worker.engine.octaves import blended, octave_sizes, octave_sources, smallest_side

sides = st.integers(1, 600)


@given(height=sides, width=sides, factor=st.floats(0.1, 0.95), repeats=st.integers(0, 8), minimum=st.integers(1, 32))
def test_octaves_grow_and_end_at_the_size(height: int, width: int, factor: float, repeats: int, minimum: int) -> None:
    # when
    sizes = octave_sizes((height, width), factor, repeats, minimum)

    # then
    assert sizes[-1] == (height, width)
    assert 1 <= len(sizes) <= repeats + 1
    assert all(small <= large for small, large in pairwise(sizes))
    assert all(min(size) >= minimum for size in sizes[:-1])


def test_sizes_are_truncated_as_in_the_original() -> None:
    assert octave_sizes((90, 300), 0.7, 2) == ((43, 147), (62, 210), (90, 300))


@given(factor=st.floats(0.2, 0.95), repeats=st.integers(0, 12))
def test_the_smallest_side_leaves_a_pixel_to_every_octave_and_one_less_does_not(factor: float, repeats: int) -> None:
    # when
    side = smallest_side(factor, repeats)

    # then
    assert len(octave_sizes((side, side), factor, repeats)) == repeats + 1
    assert side == 1 or len(octave_sizes((side - 1, side), factor, repeats)) <= repeats


def test_every_source_has_the_size_of_its_octave(picture: Image) -> None:
    # given
    sizes = octave_sizes((36, 50), 0.7, 2)

    # when
    sources = octave_sources(picture, sizes, resize)

    # then
    assert tuple(source.shape[:2] for source in sources) == sizes
    np.testing.assert_array_equal(sources[-1], picture)


def test_a_blend_of_one_is_the_undreamed_source(picture: Image) -> None:
    # when
    start = blended(picture, resize(picture, (20, 30)) * 0, 1.0, resize)

    # then
    np.testing.assert_array_equal(start, picture)
