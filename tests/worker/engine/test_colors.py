"""A picture takes over another's colours and keeps its own shapes."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from worker.engine.colors import matched_colors
from worker.engine.image import Image, solid


def coloured(seed: int, spread: float) -> Image:
    """A picture of correlated colours that stays well within 0..255."""
    draws = np.random.default_rng(seed)
    mixed = draws.normal(size=(20, 30, 3)) @ draws.normal(size=(3, 3))
    return np.clip(128 + spread * mixed, 0, 255).astype(np.float32)


def least_variance(image: Image) -> float:
    """Along the axis of colours that varies least."""
    return float(np.linalg.eigvalsh(np.cov(image.reshape(-1, 3).T)).min())


@settings(deadline=None)
@given(seed=st.integers(0, 1000), spread=st.floats(3.0, 12.0))
def test_mean_and_covariance_become_the_others(seed: int, spread: float) -> None:
    # given
    image, like = coloured(seed, 12.0), coloured(seed + 1, spread)
    assume(min(least_variance(image), least_variance(like)) > 1.0)

    # when
    matched = matched_colors(image, like)

    # then
    one, other = (picture.reshape(-1, 3).astype(np.float64) for picture in (matched, like))
    assume(one.min() > 0 and one.max() < 255)
    np.testing.assert_allclose(one.mean(axis=0), other.mean(axis=0), atol=0.01)
    np.testing.assert_allclose(np.cov(one.T), np.cov(other.T), rtol=0.001, atol=0.01)


def test_a_picture_matched_to_itself_stays_as_it_is() -> None:
    np.testing.assert_allclose(matched_colors(coloured(3, 10.0), coloured(3, 10.0)), coloured(3, 10.0), atol=0.01)


@pytest.mark.parametrize("flat", ["image", "like"])
def test_flat_pictures_make_no_noise(flat: str) -> None:
    # given
    even, lively = solid((90, 90, 90), (20, 30)), coloured(5, 10.0)

    # when
    matched = matched_colors(even, lively) if flat == "image" else matched_colors(lively, even)

    # then
    assert np.isfinite(matched).all()
    assert matched.std(axis=(0, 1)).max() < 2.0
