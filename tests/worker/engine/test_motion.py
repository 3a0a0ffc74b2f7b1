"""Pictures are moved crisply, by fractions of pixels, without borders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.bench.similarity import ssim
from worker.engine.image import Image, solid
from worker.engine.motion import Motion, mirrored, moved

motions = st.builds(
    Motion, st.floats(0.5, 2.0), st.floats(-180, 180), st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000))
)


def waves(size: tuple[int, int], down: float = 0.0, right: float = 0.0) -> Image:
    """A smooth picture that is known between its pixels too, shifted."""
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(float)
    levels = 128 + 90 * np.sin((rows - down) * 0.31) * np.cos((columns - right) * 0.23)
    return np.repeat(levels[:, :, None], 3, axis=2).astype(np.float32)


def test_no_motion_changes_nothing(picture: Image) -> None:
    np.testing.assert_allclose(moved(picture, Motion(1.0, 0.0, (0.0, 0.0))), picture, atol=1e-3)


@pytest.mark.parametrize("shift", [(3.0, -2.0), (0.5, 0.0), (-0.25, 0.75)])
def test_a_shift_goes_down_and_right_by_fractions_of_pixels(shift: tuple[float, float]) -> None:
    # when
    image = moved(waves((90, 120)), Motion(1.0, 0.0, shift))

    # then
    expected = waves((90, 120), *shift)
    np.testing.assert_allclose(image[8:-8, 8:-8], expected[8:-8, 8:-8], atol=2.0)


@pytest.mark.parametrize(("degrees", "quarters"), [(90.0, 1), (-90.0, -1), (180.0, 2)])
def test_a_turn_goes_counter_clockwise_around_the_centre(degrees: float, quarters: int) -> None:
    # given
    square = np.random.default_rng(1).uniform(0, 255, (30, 30, 3)).astype(np.float32)

    # then
    np.testing.assert_allclose(moved(square, Motion(1.0, degrees, (0.0, 0.0))), np.rot90(square, quarters), atol=0.01)


def test_a_zoom_makes_things_larger_around_the_centre() -> None:
    # when
    zoomed = moved(waves((80, 80)), Motion(2.0, 0.0, (0.0, 0.0)))

    # then
    middle = slice(30, 50)
    np.testing.assert_allclose(zoomed[21:61:2, 21:61:2], waves((80, 80), -0.25, -0.25)[middle, middle], atol=3.0)


@given(motion=motions, level=st.integers(0, 255))
@settings(max_examples=25, deadline=None)
def test_a_flat_picture_stays_flat_right_to_its_borders_wherever_it_goes(motion: Motion, level: int) -> None:
    # when
    image = moved(solid((level, 0, 255), (21, 34)), motion)

    # then
    assert image.shape == (21, 34, 3)
    assert (image == solid((level, 0, 255), (21, 34))).all()


@given(motion=motions)
@settings(max_examples=25, deadline=None)
def test_no_pixel_leaves_the_pictures_range(motion: Motion) -> None:
    # given
    checks = np.indices((26, 40)).sum(axis=0)[:, :, None] % 2 * np.float32(200) + np.zeros(3, np.float32)

    # when
    image = moved(checks, motion)

    # then
    assert image.dtype == np.float32
    assert 0 <= image.min() <= image.max() <= 200


def test_twenty_small_motions_there_and_back_leave_a_crisp_picture(picture: Image) -> None:
    # given
    image = picture

    # when
    for degrees in [4.0, -4.0] * 10:
        image = moved(image, Motion(1.0, degrees, (0.0, 0.0)))

    # then
    assert ssim(image[6:-6, 6:-6], picture[6:-6, 6:-6]) > 0.8


def test_shrinking_averages_what_is_too_fine_to_show() -> None:
    # given
    stripes = np.where(np.arange(64)[None, :, None] % 2, 255.0, 0.0) * np.ones((64, 1, 3))

    # when
    shrunk = moved(stripes.astype(np.float32), Motion(0.5, 0.0, (0.0, 0.0)))

    # then
    assert np.abs(shrunk[20:-20, 20:-20] - 127.5).max() < 12


@pytest.mark.parametrize(("index", "expected"), [(-1, 0), (-5, 4), (5, 4), (9, 0), (10, 0), (0, 0), (-11, 0)])
def test_beyond_the_border_lies_the_mirror_image(index: int, expected: int) -> None:
    assert mirrored(np.array([index]), 5).tolist() == [expected]
