"""A style transfer comes nearer to its style, is the same every time, and can be put away in the middle."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from worker.engine.computation import carry_out
from worker.engine.descent import compiled_losses
from worker.engine.errors import ImageTooSmallError, SettingsError, UnknownLayerError
from worker.engine.image import Image, noise, solid
from worker.engine.networks import Network
from worker.engine.plateau import Plateau
from worker.engine.profile import CLASSIC_STYLE, MODERN_STYLE, StyleProfile
from worker.engine.start import start_image
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings

profiles = pytest.mark.parametrize("profile", [CLASSIC_STYLE, MODERN_STYLE], ids=lambda profile: profile.name)
ways = pytest.mark.parametrize(
    ("profile", "changes"),
    [
        (CLASSIC_STYLE, {}),
        (MODERN_STYLE, {}),
        (MODERN_STYLE, {"outcome": "averaged", "plateau": Plateau(0.2, 3)}),
        (MODERN_STYLE, {"optimizer": "lbfgs"}),
    ],
    ids=["classic", "modern", "averaged", "lbfgs"],
)


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


def weighted(network: Network, content: Image, weights: tuple[float, ...]) -> Style:
    return a_style(network, content, MODERN_STYLE, iterations=20, style_layer_weights=weights)


@ways
def test_a_style_put_away_after_every_unit_ends_in_the_same_bytes(
    tiny: Network, picture: Image, profile: StyleProfile, changes: dict[str, object]
) -> None:
    # given
    undisturbed = carry_out(a_style(tiny, picture, profile, **changes))

    # when
    state = a_style(tiny, picture, profile, **changes).begin()
    while not a_style(tiny, picture, profile, **changes).finished(state):
        style = a_style(tiny, picture, profile, **changes)
        file = BytesIO()
        np.savez(file, **style.pack(style.advance(state)))  # type: ignore[arg-type]
        file.seek(0)
        state = style.unpack(np.load(file, allow_pickle=False))

    # then
    resumed = a_style(tiny, picture, profile, **changes).result(state)
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
    assert float(state.mixture.kept.loss) == pytest.approx(min(totals), rel=1e-5)


@pytest.mark.parametrize("outcome", ["best", "averaged", "last"])
def test_the_last_entry_of_a_trace_has_the_losses_of_what_is_returned(
    tiny: Network, picture: Image, outcome: str
) -> None:
    # given
    style = a_style(tiny, picture, MODERN_STYLE, outcome=outcome, step_size=60.0, levels=1)

    # when
    result = carry_out(style)

    # then
    assert len(result.trace) == 8
    assert [entry["step"] for entry in result.trace] == list(range(8))
    returned = compiled_losses(style._lens)(tf.constant(result.image), style.targets(style.levels[-1])).numpy()
    found = min(result.trace, key=lambda entry: entry["total"]) if outcome == "best" else result.trace[-1]
    assert [found[name] for name in ("content", "style", "denoise")] == pytest.approx(returned.tolist(), rel=1e-5)


def test_levels_that_stand_still_are_left_early_and_the_trace_shows_where(tiny: Network, picture: Image) -> None:
    # given
    style = a_style(tiny, picture, MODERN_STYLE, iterations=60, levels=2, plateau=Plateau(0.99, 3))

    # when
    state = style.begin()
    while not style.finished(state):
        state = style.advance(state)

    # then
    first = style.levels[1].first_step
    steps = [entry["step"] for entry in style.result(state).trace]
    assert steps == [*range(6), *range(first, first + 6), 60]
    assert style.progress(state).steps_done == style.progress(state).steps_total == 60
    assert style.progress(state).detail == "level 2/2 | step 60/60, 48 left out"


def test_where_a_level_is_left_does_not_depend_on_the_length_of_a_unit(tiny: Network, picture: Image) -> None:
    # given
    plateau = Plateau(0.05, 4)

    # when
    runs = [
        carry_out(a_style(tiny, picture, MODERN_STYLE, iterations=60, plateau=plateau, unit_steps=unit_steps))
        for unit_steps in (1, 3, 60)
    ]

    # then
    assert 8 < len(runs[0].trace) < 60
    assert len({run.image.tobytes() for run in runs}) == 1
    assert runs[0].trace == runs[1].trace == runs[2].trace


@pytest.mark.parametrize("asked", [{"outcome": "best"}, {"plateau": Plateau(0.1, 5)}, {"optimizer": "lbfgs"}])
def test_classic_losses_are_not_compared(tiny: Network, picture: Image, asked: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="classic losses change their scale at every step"):
        a_style(tiny, picture, CLASSIC_STYLE, **asked)


def test_classic_starts_from_grey_with_faint_noise_in_double_precision(tiny: Network, picture: Image) -> None:
    # when
    start = a_style(tiny, picture, CLASSIC_STYLE).begin().mixture.image

    # then
    np.testing.assert_array_equal(start, np.random.default_rng(11).random(picture.shape) + 128)
    assert start.dtype == np.float64


def test_a_start_from_noise_depends_on_the_seed_alone(tiny: Network, picture: Image) -> None:
    # given
    starts = [
        replace(a_style(tiny, picture, MODERN_STYLE, start_noise=1.0, levels=1), seed=seed).begin()
        for seed in (1, 1, 2)
    ]

    # when
    first, again, other = (start.mixture.image for start in starts)

    # then
    assert first.shape == picture.shape
    assert first.tobytes() == again.tobytes() != other.tobytes()
    assert abs(first.mean() - 127.5) < 5
    assert first.std() > 60


@given(share=st.floats(0, 1))
def test_a_mixed_start_lies_between_content_and_noise(share: float) -> None:
    # given
    content = solid((40, 120, 230), (9, 13))

    # when
    mixed, alone = (start_image(content, part, 5, MODERN_STYLE) for part in (share, 1.0))

    # then
    np.testing.assert_allclose(mixed, content + share * (alone - content), atol=1e-3)


@profiles
def test_a_start_without_noise_is_the_content_itself(tiny: Network, picture: Image, profile: StyleProfile) -> None:
    # when
    start = a_style(tiny, picture, profile, start_noise=0.0, levels=1).begin().mixture.image

    # then
    np.testing.assert_array_equal(start, picture)


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_of_noise_that_is_none_is_refused(tiny: Network, picture: Image, share: float) -> None:
    with pytest.raises(SettingsError, match=r"start_noise is .* 0 to 1"):
        a_style(tiny, picture, MODERN_STYLE, start_noise=share)


def test_classic_factors_lag_one_step_behind_their_losses(tiny: Network, picture: Image) -> None:
    # given
    style = a_style(tiny, picture, CLASSIC_STYLE, unit_steps=1)
    start = style.begin()

    # when
    state = style.advance(start)

    # then
    assert start.mixture.factors == pytest.approx(1e-10)
    assert state.mixture.factors == pytest.approx(1.0 / state.trace[-1, 1:], rel=1e-5)


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


@pytest.mark.parametrize("kind", ["style", "content"])
def test_losses_of_layers_are_averaged_by_their_weights(tiny: Network, picture: Image, kind: str) -> None:
    def before_the_first_step(layers: tuple[str, ...], weights: tuple[float, ...] = ()) -> float:
        chosen = {f"{kind}_layers": layers, f"{kind}_layer_weights": weights, "iterations": 1}
        return carry_out(a_style(tiny, picture, CLASSIC_STYLE, **chosen)).trace[0][kind]

    # given
    edges, shapes = (before_the_first_step((layer,)) for layer in ("edges", "shapes"))

    # when
    both = before_the_first_step(("edges", "shapes"), (3.0, 1.0))

    # then
    assert both == pytest.approx((3 * edges + shapes) / 4, rel=1e-4)
    assert both != pytest.approx((edges + shapes) / 2, rel=1e-2)


def test_the_sum_of_layer_weights_is_of_no_account(tiny: Network, picture: Image) -> None:
    # when
    plain, twos = (carry_out(weighted(tiny, picture, weights)) for weights in ((), (2.0, 2.0)))

    # then
    assert plain.image.tobytes() == twos.image.tobytes()


@pytest.mark.parametrize("weights", [(1.0,), (1.0, 0.0), (1.0, -2.0), (1.0, float("nan")), (1.0, float("inf"))])
def test_layer_weights_that_do_not_fit_are_refused(tiny: Network, picture: Image, weights: tuple[float, ...]) -> None:
    with pytest.raises(SettingsError, match=r"style_layer_weights is .* one number above 0 a layer"):
        weighted(tiny, picture, weights)


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
    with pytest.raises(SettingsError, match="gradient-descent or adam or lbfgs"):
        a_style(tiny, picture, MODERN_STYLE, optimizer="sgd")
