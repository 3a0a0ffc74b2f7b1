"""Regions keep styles apart: each is met where its mask is, and counts by its area."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from worker.engine.computation import carry_out
from worker.engine.errors import RegionError
from worker.engine.image import Image, noise, solid
from worker.engine.losses import Lens, gram_matrix
from worker.engine.networks import Network
from worker.engine.profile import CLASSIC_STYLE, MODERN_STYLE
from worker.engine.regions import Mask, Regions, guides, mask_of
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings

HALF = np.zeros((36, 50), np.float32)
HALF[:, :25] = 1.0
SETTINGS = StyleSettings(iterations=15, content_layers=("edges",), style_layers=("edges", "shapes"), levels=1)
masks = arrays(np.float32, (9, 14), elements=st.floats(0, 1, width=32)).filter(lambda mask: mask.sum() > 0.1)


def painted(network: Network, picture: Image, regions: Regions | None, styles: list[Image]) -> Image:
    return carry_out(Style(network, SETTINGS, picture, [(image, 1.0) for image in styles], 0, regions)).image


@settings(deadline=None)
@given(mask=masks, stride=st.sampled_from([1, 2, 4]))
def test_a_gram_matrix_through_a_guide_is_a_mean_over_its_region(mask: Mask, stride: int) -> None:
    # given
    (guide,) = guides([mask], mask.shape, stride)
    ones = tf.ones((1, *guide.shape[:2], 3))

    # when
    gram = gram_matrix(ones * guide, averaged=False)

    # then
    assert guide.shape == (-(-9 // stride), -(-14 // stride), 1)
    np.testing.assert_allclose(gram, np.ones((3, 3)), rtol=1e-4)


def test_a_guide_sees_its_region_only(tiny: Network, picture: Image) -> None:
    # given
    lens = Lens(tiny, MODERN_STYLE, ("edges",), ("edges",), regions=2)
    seen = lens.activations(tf.constant(picture))
    guide = tf.constant(guides([HALF, 1 - HALF], HALF.shape, 1))

    # when
    left, right = lens.guided_grams(seen, (guide,), averaged=True)

    # then
    np.testing.assert_allclose(left, gram_matrix(seen["edges"][:, :, :25], averaged=True), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(right, gram_matrix(seen["edges"][:, :, 25:], averaged=True), rtol=1e-4, atol=1e-3)


def test_a_mask_of_the_whole_picture_is_as_good_as_none(tiny: Network, picture: Image) -> None:
    # given
    styles = [noise((30, 40), 4), solid((250, 250, 250), (30, 40))]
    everywhere = Regions((np.ones((3, 3), np.float32),), (0, 0))

    # when
    masked, plain = (painted(tiny, picture, regions, styles) for regions in (everywhere, None))

    # then
    np.testing.assert_allclose(masked, plain, atol=2.0)


def test_each_style_shows_in_its_own_region(tiny: Network, picture: Image) -> None:
    # given
    regions = Regions((HALF, 1 - HALF), (0, 1))
    dark, bright = solid((5, 5, 5), (30, 40)), solid((250, 250, 250), (30, 40))

    # when
    there, back = (painted(tiny, picture, regions, styles) for styles in ([dark, bright], [bright, dark]))

    # then
    assert there[:, :20].mean() < back[:, :20].mean()
    assert there[:, 30:].mean() > back[:, 30:].mean()


def test_a_region_counts_by_its_area_and_by_the_weights_of_its_styles() -> None:
    # given
    quarter = HALF * (np.arange(36)[:, None] < 18)
    regions = Regions((HALF, quarter), (0, 1, 1))

    # then
    assert regions.pulls([1.0, 0.5, 0.5]) == pytest.approx((4 / 3, 2 / 3))
    assert regions.pulls([1.0, 1.0, 1.0]) == pytest.approx((1.0, 1.0))


def test_white_is_inside_and_black_when_inverted() -> None:
    # given
    image = np.concatenate([solid((255, 255, 255), (2, 3)), solid((0, 0, 0), (2, 3))])

    # when
    white, black = mask_of(image, inverted=False), mask_of(image, inverted=True)

    # then
    np.testing.assert_allclose(white[:, 0], [1, 1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(white + black, 1.0)


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        (Regions((HALF * 0, HALF), (0, 1)), "region 0 has 0 px; tiny needs 64 px or more"),
        (Regions((HALF * np.float32("nan"), HALF), (0, 1)), "region 0 has nan px"),
        (Regions((HALF,), (0,)), "2 style images have the regions"),
        (Regions((HALF, HALF), (0, 0)), "2 style images have the regions"),
    ],
)
def test_regions_that_cannot_be_painted_are_refused(
    tiny: Network, picture: Image, regions: Regions, words: str
) -> None:
    with pytest.raises(RegionError, match=words):
        Style(tiny, SETTINGS, picture, [(picture, 1.0), (picture, 1.0)], 0, regions)


def test_classic_has_no_regions(tiny: Network, picture: Image) -> None:
    # given
    settings = StyleSettings(
        profile=CLASSIC_STYLE, optimizer="gradient-descent", content_layers=("edges",), style_layers=("edges",)
    )

    # then
    with pytest.raises(RegionError, match="classic knows no masks"):
        Style(tiny, settings, picture, [(picture, 1.0)], 0, Regions((HALF,), (0,)))
