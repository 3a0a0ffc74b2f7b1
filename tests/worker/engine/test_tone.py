"""Tone is brought back to the source's."""

import numpy as np

from worker.engine.image import Image, solid
from worker.engine.tone import hold_tone


def test_contrast_that_crept_up_comes_down(picture: Image) -> None:
    # given
    louder = (picture - picture.mean(axis=(0, 1))) * 1.6 + 140

    # when
    held = hold_tone(louder, picture)

    # then
    np.testing.assert_allclose(held, picture, atol=1.0)


def test_a_flat_source_does_not_flatten_its_dream(picture: Image) -> None:
    # when
    held = hold_tone(picture, solid((128, 128, 128), (36, 50)))

    # then
    assert held.std() > 20
    assert np.abs(held.mean(axis=(0, 1)) - 128).max() < 8
