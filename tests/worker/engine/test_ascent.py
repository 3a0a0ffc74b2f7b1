"""A step follows the true gradient, whole or in tiles."""

import random

import numpy as np
import pytest
import tensorflow as tf

from worker.engine.ascent import Ascent, compiled_gradient
from worker.engine.image import Image
from worker.engine.networks import Network
from worker.engine.objectives import MEASURES, Measure, Objective
from worker.engine.profile import CLASSIC_DREAM, MODERN_DREAM, DreamProfile


@pytest.mark.parametrize("profile", [CLASSIC_DREAM, MODERN_DREAM], ids=lambda profile: profile.name)
@pytest.mark.parametrize("channels", [None, (0, 2), (1, 2, 3)])
@pytest.mark.parametrize("measure", MEASURES)
def test_the_gradient_agrees_with_finite_differences(
    tiny: Network, picture: Image, profile: DreamProfile, channels: tuple[int, ...] | None, measure: Measure
) -> None:
    # given
    look = compiled_gradient(tiny, Objective("shapes", channels, measure), profile)
    _, gradient = look(tf.constant(picture))
    # Mostly uphill: across the slope the change is too small beside the kinks of the ReLUs.
    uphill = gradient.numpy() / np.std(gradient.numpy())
    direction = uphill + np.random.default_rng(0).normal(0, 0.5, picture.shape).astype(np.float32)

    # when
    above, below = (float(look(tf.constant(picture + sign * 0.05 * direction))[0]) for sign in (1, -1))

    # then
    expected = float(np.sum(gradient.numpy().astype(np.float64) * direction))
    assert (above - below) / 0.1 == pytest.approx(expected, rel=0.02)


def test_tiles_with_a_halo_give_the_gradient_of_the_whole_image(tiny: Network, picture: Image) -> None:
    # given
    whole = Ascent(tiny, Objective("shapes"), MODERN_DREAM, 4, 3.0, 400)
    tiled = Ascent(tiny, Objective("shapes"), MODERN_DREAM, 4, 3.0, 16)

    # when
    in_one, _ = whole.climb(picture, range(1), random.Random(1))
    in_many, _ = tiled.climb(picture, range(1), random.Random(1))

    # then
    assert np.abs(in_many - in_one).mean() <= 0.01 * np.abs(in_one - picture).mean()


def test_one_call_of_many_steps_is_many_calls_of_one_step(tiny: Network, picture: Image) -> None:
    # given
    ascent = Ascent(tiny, Objective("shapes"), MODERN_DREAM, 4, 3.0, 400)

    # when
    at_once, values = ascent.climb(picture, range(3), random.Random(1))
    draws = random.Random(1)
    one_by_one = picture
    for step in range(3):
        one_by_one, _ = ascent.climb(one_by_one, range(step, step + 1), draws)

    # then
    np.testing.assert_array_equal(one_by_one, at_once)
    assert len(values) == 3


def test_modern_steps_do_not_drift_in_brightness(tiny: Network) -> None:
    # given
    flat = np.full((40, 40, 3), 128.0, np.float32)
    ascent = Ascent(tiny, Objective("shapes"), MODERN_DREAM, 5, 3.0, 400)

    # when
    climbed, _ = ascent.climb(flat, range(5), random.Random(1))

    # then
    assert np.abs(climbed.mean(axis=(0, 1)) - 128.0).max() <= 8.0
