"""Which channels see most in a picture."""

import numpy as np
import pytest
import tensorflow as tf

from worker.engine.image import Image
from worker.engine.networks import Network
from worker.engine.profile import CLASSIC_DREAM, MODERN_DREAM, DreamProfile
from worker.engine.response import responses, strongest


@pytest.mark.parametrize("profile", [CLASSIC_DREAM, MODERN_DREAM], ids=lambda profile: profile.name)
@pytest.mark.parametrize("tile_size", [32, 45, 400])
def test_every_position_counts_once_whatever_the_tiles(
    tiny: Network, picture: Image, profile: DreamProfile, tile_size: int
) -> None:
    # given
    large = np.tile(picture, (3, 2, 1))[:107]
    seen = tiny.activations(tf.constant(large)[None], ("edges", "shapes"), profile.feed, profile.padding)

    # when
    told = responses(tiny, ("edges", "shapes"), large, profile, tile_size)

    # then
    for layer, activations in seen.items():
        np.testing.assert_allclose(told[layer], np.square(activations.numpy()).sum(axis=(0, 1, 2)), rtol=1e-4)


def test_the_strongest_are_found_in_rising_order_and_of_equal_ones_the_first() -> None:
    # given
    response = np.array([2.0, 9.0, 2.0, 0.0, 7.0, 2.0])

    # then
    assert strongest(response, 3).tolist() == [0, 1, 4]
    assert strongest(response, 6).tolist() == [0, 1, 2, 3, 4, 5]
