"""A dream is pulled towards a guide."""

import numpy as np
import pytest
import tensorflow as tf

from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.errors import ImageTooSmallError, NotFiniteError, SettingsError
from worker.engine.image import Image, solid
from worker.engine.networks import Network
from worker.engine.objectives import CHUNK, guided

SETTINGS = DreamSettings((DreamedLayer("shapes"),), objective="guide", iterations=6, repeats=0)


def test_every_position_is_pulled_by_the_feature_it_is_most_like() -> None:
    # given
    draws = np.random.default_rng(2)
    activations = draws.normal(0, 1, (1, 37, 60, 5)).astype(np.float32)
    guide = draws.normal(0, 1, (70, 5)).astype(np.float32)
    positions = activations.reshape(-1, 5)
    assert len(positions) > 2 * CHUNK

    # when
    with tf.GradientTape() as tape:
        seen = tf.constant(activations)
        tape.watch(seen)
        value = guided(seen, tf.constant(guide))

    # then
    alike = positions @ guide.T
    assert float(value) == pytest.approx(alike.max(axis=1).mean() / 5, rel=1e-4)
    pulled_by = np.asarray(tape.gradient(value, seen)).reshape(-1, 5) * positions.size
    np.testing.assert_allclose(pulled_by, guide[alike.argmax(axis=1)], rtol=1e-4)


def test_another_guide_makes_another_picture(tiny: Network, picture: Image) -> None:
    # given
    stripes = np.where(np.arange(24)[:, None, None] % 4 < 2, 255.0, 0.0) * np.ones((24, 24, 3))

    # when
    by_stripes, by_itself = (
        carry_out(Dream(tiny, SETTINGS, picture, 1, guide)) for guide in (stripes.astype(np.float32), picture)
    )

    # then
    assert by_stripes.trace[-1]["objective"] > by_stripes.trace[0]["objective"]
    assert np.abs(by_stripes.image - by_itself.image).mean() > 1.0


def test_only_the_chosen_channels_of_a_guide_count(tiny: Network, picture: Image) -> None:
    # given
    narrow = DreamSettings(
        (DreamedLayer("shapes", strongest=2), DreamedLayer("edges")), objective="guide", iterations=2
    )

    # when
    result = carry_out(Dream(tiny, narrow, picture, 1, picture[:20, :20]))

    # then
    assert len(result.survey["shapes"].channels or ()) == 2
    assert np.isfinite([entry["objective"] for entry in result.trace]).all()


@pytest.mark.parametrize(("objective", "guide"), [("guide", None), ("mean", solid((9, 9, 9), (20, 20)))])
def test_objective_and_guide_go_together(tiny: Network, picture: Image, objective: str, guide: Image | None) -> None:
    with pytest.raises(SettingsError, match="guide where there is a guide"):
        Dream(tiny, DreamSettings(SETTINGS.layers, objective), picture, 1, guide)  # type: ignore[arg-type]


def test_a_guide_that_cannot_be_looked_at_is_refused(tiny: Network, picture: Image) -> None:
    with pytest.raises(ImageTooSmallError, match="8 px or more"):
        Dream(tiny, SETTINGS, picture, 1, picture[:7])
    with pytest.raises(NotFiniteError, match="the guide"):
        Dream(tiny, SETTINGS, picture, 1, picture * np.float32(np.nan))
