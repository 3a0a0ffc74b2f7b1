"""A step over tiles is the step on the whole picture."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from worker.bench.similarity import ssim
from worker.engine.budget import bytes_a_pixel, fitting_tiles, standing_bytes
from worker.engine.computation import carry_out
from worker.engine.image import Image, noise, resize, solid
from worker.engine.losses import Lens, losses_of
from worker.engine.mosaic import mosaic
from worker.engine.networks import Network
from worker.engine.optimizer import OPTIMIZERS, OptimizerName
from worker.engine.pieces import averaged_grams, whole_contents
from worker.engine.profile import CLASSIC_STYLE, MODERN_STYLE
from worker.engine.regions import Regions
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings
from worker.engine.targets import LayerShares, Models, build_targets
from worker.engine.tiled_descent import tiled_losses, tiled_slope

PLENTY = 1e6
SCARCE = 1e-6
WEIGHTS = tf.constant([2.0, 10.0, 1.0])
TOP = (np.arange(36)[:, None] < 20) * np.ones((1, 50), np.float32)


@pytest.mark.parametrize("regions", [None, Regions((TOP, 1 - TOP), (0, 1))], ids=["everywhere", "regions"])
@pytest.mark.parametrize("side", [8, 20, 64])
def test_losses_and_gradient_are_those_of_the_whole_picture(
    tiny: Network, picture: Image, regions: Regions | None, side: int
) -> None:
    # given
    lens = Lens(tiny, MODERN_STYLE, ("edges",), ("edges", "shapes"), 2 if regions else 0)
    models = Models(picture, [(noise((30, 40), 4), 1.0), (solid((250, 9, 9), (30, 40)), 2.0)], regions)
    targets = build_targets(lens, models, LayerShares((1.0,), (0.5, 1.5)), PLENTY)
    image = np.clip(picture + noise((36, 50), 1) * 0.3, 0, 255).astype(np.float32)
    with tf.GradientTape() as tape:
        watched = tf.constant(image)
        tape.watch(watched)
        losses = losses_of(lens, watched, targets)
        combined = tf.reduce_sum(WEIGHTS * losses)
    gradient: Any = tape.gradient(combined, watched)

    # when
    tiles = mosaic((36, 50), side, 4, 2)
    found, slope = tiled_slope(lens, image, targets, WEIGHTS, tiles)

    # then
    np.testing.assert_allclose(found, losses, rtol=1e-4)
    np.testing.assert_allclose(tiled_losses(lens, image, targets, tiles), losses, rtol=1e-4)
    np.testing.assert_allclose(slope, gradient.numpy(), atol=1e-3 * np.abs(gradient.numpy()).max())


def test_targets_put_together_from_tiles_are_those_of_the_whole(tiny: Network, picture: Image) -> None:
    # given
    lens = Lens(tiny, MODERN_STYLE, ("edges", "shapes"), ("edges", "shapes"))
    tiles = mosaic((36, 50), 10, 4, 2)

    # then
    for piecewise, whole in zip(whole_contents(lens, picture, tiles), lens.contents(tf.constant(picture)), strict=True):
        np.testing.assert_allclose(piecewise, whole, rtol=1e-4, atol=1e-3)
    for piecewise, whole in zip(averaged_grams(lens, picture, tiles), lens.grams(tf.constant(picture)), strict=True):
        np.testing.assert_allclose(piecewise, whole, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_run_over_tiles_ends_in_the_picture_of_a_run_without(
    tiny: Network, picture: Image, optimizer: OptimizerName
) -> None:
    # given
    settings = StyleSettings(
        iterations=6, optimizer=optimizer, content_layers=("edges",), style_layers=("edges", "shapes"), levels=2
    )
    content = np.clip(resize(picture, (180, 300)), 0, 255)

    # when
    whole, tiled = (
        Style(tiny, replace(settings, memory_gib=memory), content, [(noise((60, 80), 4), 1.0)], 0)
        for memory in (PLENTY, SCARCE)
    )

    # then
    assert [len(tiled._tiles(level)) for level in tiled.levels] == [2, 6]
    assert [len(whole._tiles(level)) for level in whole.levels] == [0, 0]
    assert ssim(carry_out(tiled).image, carry_out(whole).image) >= 0.98


def test_every_tile_of_a_long_step_gives_a_sign_of_life(tiny: Network, picture: Image) -> None:
    # given
    settings = StyleSettings(
        iterations=1, content_layers=("edges",), style_layers=("edges",), levels=1, memory_gib=SCARCE
    )
    content = np.clip(resize(picture, (180, 300)), 0, 255)
    signs: list[None] = []
    style = Style(tiny, settings, content, [(noise((60, 80), 4), 1.0)], 0, alive=lambda: signs.append(None))

    # when
    carry_out(style)

    # then
    tiles = len(style._tiles(style.levels[0]))
    assert tiles > 1
    # The step looks at each twice, and what is returned is looked at once more.
    assert len(signs) == 3 * tiles


@pytest.mark.parametrize("memory", [2.0, 4.0, 8.0])
def test_tiles_of_a_large_picture_keep_within_the_budget(pretrained: Callable[[str], Network], memory: float) -> None:
    # given
    defaults = StyleSettings()
    lens = Lens(pretrained("vgg16"), MODERN_STYLE, defaults.content_layers, defaults.style_layers)
    size = (1500, 2000)

    # when
    tiles = fitting_tiles(lens, size, memory, OPTIMIZERS["adam"].remembered)

    # then
    largest = max(
        (tile.seen_rows.stop - tile.seen_rows.start) * (tile.seen_columns.stop - tile.seen_columns.start)
        for tile in tiles
    )
    assert standing_bytes(lens, size, 2) + largest * bytes_a_pixel(lens) <= memory * 2**30


def test_a_picture_that_fits_and_a_classic_one_are_looked_at_whole(tiny: Network) -> None:
    # given
    lenses = [Lens(tiny, profile, ("edges",), ("edges",)) for profile in (MODERN_STYLE, CLASSIC_STYLE)]

    # then
    assert fitting_tiles(lenses[0], (300, 400), 1.0) == ()
    assert fitting_tiles(lenses[1], (300, 400), SCARCE) == ()


def test_what_an_optimizer_remembers_counts() -> None:
    assert [OPTIMIZERS[name].remembered for name in ("gradient-descent", "adam", "lbfgs")] == [0, 2, 18]
