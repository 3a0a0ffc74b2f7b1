"""Blurs agree with a plain sum over mirrored neighbours, inside the graph and outside it."""

import numpy as np
import pytest
import tensorflow as tf

from worker.engine.gaussian import blur, blur_exact, radius_of, taps
from worker.engine.image import Image


def plainly_blurred(image: Image, sigma: float) -> np.ndarray:
    blurred = image.astype(np.float64)
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    for axis in range(3):
        # NumPy's symmetric padding mirrors with the edge repeated, as often as needed.
        width = [(radius, radius) if axis == other else (0, 0) for other in range(3)]
        padded = np.pad(blurred, width, mode="symmetric")
        rows = np.moveaxis(padded, axis, -1)
        summed = np.lib.stride_tricks.sliding_window_view(rows, len(weights), axis=-1) @ (weights / weights.sum())
        blurred = np.moveaxis(summed, -1, axis)
    return blurred


@pytest.mark.parametrize("sigma", [0.25, 0.5, 1.7, 4.1, 8.2])
@pytest.mark.parametrize("size", [(5, 70), (64, 64), (130, 41)])
def test_a_blur_is_the_sum_over_mirrored_neighbours(size: tuple[int, int], sigma: float) -> None:
    # given
    image = np.random.default_rng(1).normal(size=(*size, 3)).astype(np.float32)

    # when
    inside = blur(tf.constant(image), tf.constant(taps(sigma, 36), tf.float32)).numpy()
    outside = blur_exact(image, sigma)

    # then
    expected = plainly_blurred(image, sigma)
    np.testing.assert_allclose(inside, expected, atol=2e-6)
    np.testing.assert_allclose(outside, expected, atol=1e-6)


def test_an_even_image_of_whole_levels_stays_exactly_so() -> None:
    # given
    even = np.full((9, 11, 3), 17.0, np.float32)

    # then
    np.testing.assert_array_equal(blur_exact(even, 0.5, axes=(0, 1)), even)


def test_taps_end_at_four_sigmas() -> None:
    # when
    weights = taps(1.0, 10)

    # then
    assert radius_of(1.0) == 4
    assert np.count_nonzero(weights) == 9
    assert weights.sum() == pytest.approx(1.0)
