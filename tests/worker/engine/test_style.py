"""A style transfer comes nearer to its style, is the same every time, and can be put away in the middle."""

from io import BytesIO

import numpy as np
import pytest

from worker.engine.computation import carry_out
from worker.engine.errors import ImageTooSmallError, SettingsError, UnknownLayerError
from worker.engine.image import Image, noise, solid
from worker.engine.networks import Network
from worker.engine.profile import CLASSIC_STYLE, MODERN_STYLE, StyleProfile
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings

profiles = pytest.mark.parametrize("profile", [CLASSIC_STYLE, MODERN_STYLE], ids=lambda profile: profile.name)


def a_style(network: Network, content: Image, profile: StyleProfile, **changes: object) -> Style:
    settings = {
        "iterations": 7,
        "content_layers": ("edges",),
        "style_layers": ("edges", "shapes"),
        "unit_steps": 2,
        "optimizer": "gradient-descent" if profile is CLASSIC_STYLE else "adam",
        **changes,
    }
    styles = [(noise((30, 40), 4), 1.0)]
    return Style(network, StyleSettings(profile=profile, **settings), content, styles, seed=11)  # type: ignore[arg-type]


@profiles
def test_a_style_put_away_after_every_unit_ends_in_the_same_bytes(
    tiny: Network, picture: Image, profile: StyleProfile
) -> None:
    # given
    undisturbed = carry_out(a_style(tiny, picture, profile))

    # when
    state = a_style(tiny, picture, profile).begin()
    while not a_style(tiny, picture, profile).finished(state):
        style = a_style(tiny, picture, profile)
        file = BytesIO()
        np.savez(file, **style.pack(style.advance(state)))  # type: ignore[arg-type]
        file.seek(0)
        state = style.unpack(np.load(file, allow_pickle=False))

    # then
    resumed = a_style(tiny, picture, profile).result(state)
    assert resumed.image.dtype == np.float32
    assert resumed.image.tobytes() == undisturbed.image.tobytes()
    assert resumed.trace == undisturbed.trace


def test_modern_comes_nearer_to_the_style(tiny: Network, picture: Image) -> None:
    # when
    result = carry_out(a_style(tiny, picture, MODERN_STYLE, iterations=30))

    # then
    assert result.trace[-1]["style"] < 0.5 * result.trace[0]["style"]
    assert result.trace[0]["content"] == 0.0


def test_modern_returns_the_best_of_the_run(tiny: Network, picture: Image) -> None:
    # given
    style = a_style(tiny, picture, MODERN_STYLE, step_size=60.0, iterations=9)

    # when
    state = style.begin()
    while not style.finished(state):
        state = style.advance(state)

    # then
    totals = [entry["total"] for entry in style.result(state).trace]
    assert len(totals) == 10
    assert float(state.mixture.best_loss) == pytest.approx(min(totals), rel=1e-5)


def test_classic_starts_from_grey_with_faint_noise_in_double_precision(tiny: Network, picture: Image) -> None:
    # when
    start = a_style(tiny, picture, CLASSIC_STYLE).begin().mixture.image

    # then
    np.testing.assert_array_equal(start, np.random.default_rng(11).random(picture.shape) + 128)
    assert start.dtype == np.float64


def test_classic_factors_lag_one_step_behind_their_losses(tiny: Network, picture: Image) -> None:
    # given
    style = a_style(tiny, picture, CLASSIC_STYLE, unit_steps=1)
    start = style.begin()

    # when
    state = style.advance(start)

    # then
    assert start.mixture.factors == pytest.approx(1e-10)
    assert state.mixture.factors == pytest.approx(1.0 / state.trace[-1], rel=1e-5)


def test_the_contents_own_colours_are_kept_when_asked(tiny: Network, picture: Image) -> None:
    # given
    red = np.array([[0.299], [0.587], [0.114]], np.float32)
    calm = picture * 0.3 + 90

    # when
    painted = carry_out(a_style(tiny, calm, MODERN_STYLE, colors="content", step_size=2.0)).image

    # then
    chroma_before, chroma_after = calm - calm @ red, painted - painted @ red
    assert np.abs(chroma_after - chroma_before).mean() <= 2.0


def test_a_heavier_style_image_pulls_harder(tiny: Network, picture: Image) -> None:
    # given
    bright, grainy = solid((250, 250, 250), (30, 40)), noise((30, 40), 4)
    settings = StyleSettings(iterations=15, content_layers=("edges",), style_layers=("edges", "shapes"))

    # when
    towards_bright = carry_out(Style(tiny, settings, picture, [(bright, 9.0), (grainy, 1.0)], 0)).image
    towards_grain = carry_out(Style(tiny, settings, picture, [(bright, 1.0), (grainy, 9.0)], 0)).image

    # then
    assert towards_bright.mean() > towards_grain.mean()


def test_progress_counts_steps(tiny: Network, picture: Image) -> None:
    # given
    style = a_style(tiny, picture, MODERN_STYLE)

    # when
    progress = style.progress(style.advance(style.begin()))

    # then
    assert (progress.steps_done, progress.steps_total) == (2, 7)


def test_a_flat_content_is_painted_without_trouble(tiny: Network) -> None:
    # when
    result = carry_out(a_style(tiny, solid((200, 10, 10), (20, 20)), MODERN_STYLE))

    # then
    assert np.isfinite(result.image).all()


def test_no_style_image_is_refused(tiny: Network, picture: Image) -> None:
    with pytest.raises(SettingsError, match="style images"):
        Style(tiny, StyleSettings(content_layers=("edges",), style_layers=("edges",)), picture, [], 0)


def test_a_layer_of_another_network_is_refused(tiny: Network, picture: Image) -> None:
    with pytest.raises(UnknownLayerError, match="conv3_2"):
        a_style(tiny, picture, MODERN_STYLE, content_layers=("conv3_2",))


def test_a_tiny_style_image_is_refused(tiny: Network, picture: Image) -> None:
    # given
    settings = StyleSettings(content_layers=("edges",), style_layers=("edges",))

    # then
    with pytest.raises(ImageTooSmallError):
        Style(tiny, settings, picture, [(solid((0, 0, 0), (4, 4)), 1.0)], 0)


def test_an_unknown_optimizer_is_refused(tiny: Network, picture: Image) -> None:
    with pytest.raises(SettingsError, match="gradient-descent or adam"):
        a_style(tiny, picture, MODERN_STYLE, optimizer="sgd")
