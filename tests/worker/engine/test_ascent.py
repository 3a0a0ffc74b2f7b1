"""A step follows the true gradient, whole or in tiles."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from worker.engine import ascent as module
from worker.engine.ascent import Ascent, seamless_tiles
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.guide import guide_features
from worker.engine.image import Image
from worker.engine.networks import Network
from worker.engine.objectives import MEASURES, Measure
from worker.engine.profile import CLASSIC_DREAM, MODERN_DREAM, DreamProfile
from worker.engine.survey import ascent_of, survey

SHAPES = (DreamedLayer("shapes"),)
MIXES = {
    "one layer": SHAPES,
    "some of its channels": (DreamedLayer("shapes", channels=(1, 2, 3)),),
    "some channels of one of two": (DreamedLayer("edges", 0.3, (0, 2)), DreamedLayer("shapes")),
}
mixes = pytest.mark.parametrize("layers", MIXES.values(), ids=MIXES.keys())


def an_ascent(network: Network, image: Image, layers: tuple[DreamedLayer, ...] = SHAPES, **changes: Any) -> Ascent:
    settings = DreamSettings(layers, **{"iterations": 4, **changes})
    guides = guide_features(network, settings.names, image[::-1, :24], settings.profile)
    known = guides if settings.objective == "guide" else {}
    return ascent_of(network, settings, survey(network, settings, image, known), known)


@pytest.mark.parametrize("profile", [CLASSIC_DREAM, MODERN_DREAM], ids=lambda profile: profile.name)
@mixes
@pytest.mark.parametrize("measure", MEASURES)
def test_the_gradient_agrees_with_finite_differences(
    tiny: Network, picture: Image, profile: DreamProfile, layers: tuple[DreamedLayer, ...], measure: Measure
) -> None:
    # given
    ascent = an_ascent(tiny, picture, layers, objective=measure, profile=unshifted(profile))
    gradient = look(ascent, picture)[1]
    # Mostly uphill: across the slope the change is too small beside the kinks of the ReLUs.
    uphill = gradient / np.float32(np.std(gradient))
    direction = np.float32(uphill + np.random.default_rng(0).normal(0, 0.5, picture.shape))

    # when
    above, below = (look(ascent, picture + np.float32(sign * 0.05) * direction)[0] for sign in (1, -1))

    # then
    expected = float(np.sum(gradient.astype(np.float64) * direction))
    assert (above - below) / 0.1 == pytest.approx(expected, rel=0.02)


@mixes
@pytest.mark.parametrize(("measure", "tile_size"), [("mean-square", 32), ("guide", 40)])
def test_tiles_that_see_the_whole_field_give_the_gradient_of_the_whole_image(
    tiny: Network,
    picture: Image,
    layers: tuple[DreamedLayer, ...],
    measure: Measure,
    tile_size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setattr(module, "HALO", 1.0)
    large = np.tile(picture, (3, 2, 1))

    # when
    sizes = (4000, tile_size)
    ascents = [an_ascent(tiny, large, layers, tile_size=size, objective=measure) for size in sizes]
    in_one, in_many = (look(ascent, large)[1] for ascent in ascents)

    # then
    np.testing.assert_allclose(in_many, in_one, rtol=1e-4, atol=1e-5 * np.abs(in_one).max())


@mixes
def test_tiles_with_the_usual_halo_come_near_enough(
    tiny: Network, picture: Image, layers: tuple[DreamedLayer, ...]
) -> None:
    # given
    large = np.tile(picture, (3, 2, 1))

    # when
    (_, in_one), (_, in_many) = (look(an_ascent(tiny, large, layers, tile_size=size), large) for size in (4000, 32))

    # then
    assert np.abs(in_many - in_one).mean() <= 0.01 * np.abs(in_one).mean()


def test_every_tile_of_a_long_step_gives_a_sign_of_life(tiny: Network, picture: Image) -> None:
    # given
    signs: list[None] = []
    large = np.tile(picture, (2, 2, 1))
    ascent = replace(an_ascent(tiny, large, tile_size=32), alive=lambda: signs.append(None))

    # when
    ascent.climb(large, range(2), random.Random(1))

    # then
    tiles = len(list(seamless_tiles(tiny, ("shapes",), (large.shape[0], large.shape[1]), 32)))
    assert tiles > 1
    assert len(signs) == 2 * tiles


def test_one_call_of_many_steps_is_many_calls_of_one_step(tiny: Network, picture: Image) -> None:
    # given
    ascent = an_ascent(tiny, picture)

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
    ascent = an_ascent(tiny, flat, iterations=5)

    # when
    climbed, _ = ascent.climb(flat, range(5), random.Random(1))

    # then
    assert np.abs(climbed.mean(axis=(0, 1)) - 128.0).max() <= 8.0


def unshifted(profile: DreamProfile) -> DreamProfile:
    """The profile with the gradient of the whole image, which alone is the gradient of one number."""
    return replace(profile, whole_gradient=True)


def look(ascent: Ascent, image: Image) -> tuple[float, Image]:
    return ascent.gradient(image, random.Random(1))
