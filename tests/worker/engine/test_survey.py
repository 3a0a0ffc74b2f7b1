"""What a dream reads off its start picture."""

import random
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Image, solid
from worker.engine.networks import Network
from worker.engine.profile import CLASSIC_DREAM, MODERN_DREAM, DreamProfile
from worker.engine.survey import Survey, ascent_of, strengths, survey


def slope(network: Network, settings: DreamSettings, seen: Survey, image: Image) -> float:
    """How far an aim moves a picture, before steps are scaled."""
    ascent = ascent_of(network, replace(settings, profile=replace(settings.profile, whole_gradient=True)), seen)
    return float(np.std(ascent.gradient(image, random.Random(0))[1]))


@pytest.mark.parametrize("profile", [CLASSIC_DREAM, MODERN_DREAM], ids=lambda profile: profile.name)
@pytest.mark.parametrize("tile_size", [32, 400])
def test_every_layer_moves_the_start_picture_as_far_as_its_weight_says(
    tiny: Network, picture: Image, profile: DreamProfile, tile_size: int
) -> None:
    # given
    layers = (DreamedLayer("edges", 0.25), DreamedLayer("shapes", 1.0))
    settings = DreamSettings(layers, profile=profile, tile_size=tile_size)

    # when
    seen = survey(tiny, settings, picture)

    # then
    alone = [replace(seen, strengths=seen.strengths * one) for one in np.eye(2, dtype=np.float32)]
    edges, shapes = (slope(tiny, settings, one, picture) for one in alone)
    assert edges / shapes == pytest.approx(0.25, rel=1e-3)


def test_a_single_layer_is_not_weighed(tiny: Network, picture: Image) -> None:
    # when
    seen = survey(tiny, DreamSettings((DreamedLayer("shapes", 0.3, (1, 5)),)), picture)

    # then
    assert seen.strengths.tolist() == [1.0]
    assert seen.channels["shapes"].tolist() == [1, 5]


@given(weights=st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=12), factor=st.floats(1e-3, 1e3))
def test_only_the_ratio_of_weights_counts(weights: list[float], factor: float) -> None:
    # given
    slopes = [float(number + 1) for number in range(len(weights))]

    # when
    usual, scaled = strengths(weights, slopes), strengths([factor * weight for weight in weights], slopes)

    # then
    np.testing.assert_allclose(scaled, usual, rtol=1e-5)
    assert usual[int(np.argmax(weights))] == 1.0


@pytest.mark.parametrize("slopes", [(0.0, 2.0), (2.0, 0.0), (0.0, 0.0)])
def test_a_layer_that_sees_nothing_drowns_no_other(slopes: tuple[float, float]) -> None:
    assert strengths((1.0, 1.0), slopes).tolist() == [1.0, 1.0]


def test_a_flat_picture_can_be_surveyed(tiny: Network) -> None:
    # when
    seen = survey(tiny, DreamSettings((DreamedLayer("edges"), DreamedLayer("shapes"))), solid((0, 0, 0), (24, 24)))

    # then
    assert np.isfinite(seen.strengths).all()
    assert tf.reduce_all(seen.aim({}).strengths == seen.strengths)
