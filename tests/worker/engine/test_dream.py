"""A dream raises its layer, is the same every time, and can be put away in the middle."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import tensorflow as tf

from worker.engine import dream as dream_module
from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.errors import ImageTooSmallError, NotFiniteError, SettingsError, UnknownLayerError
from worker.engine.image import Image, solid
from worker.engine.networks import Network
from worker.engine.profile import CLASSIC_DREAM, MODERN_DREAM, DreamProfile

SHAPES, EDGES = DreamedLayer("shapes"), DreamedLayer("edges")

profiles = pytest.mark.parametrize("profile", [CLASSIC_DREAM, MODERN_DREAM], ids=lambda profile: profile.name)


def a_dream(network: Network, image: Image, profile: DreamProfile, **changes: object) -> Dream:
    settings = {"layers": (SHAPES,), "iterations": 5, "repeats": 1, "unit_steps": 2, "tile_size": 32, **changes}
    return Dream(network, DreamSettings(profile=profile, **settings), image, seed=11)  # type: ignore[arg-type]


@pytest.mark.parametrize("layers", [(SHAPES,), (DreamedLayer("edges", 0.5, (1, 4)), SHAPES)], ids=["one", "several"])
@profiles
def test_a_dream_put_away_after_every_unit_ends_in_the_same_bytes(
    tiny: Network, picture: Image, profile: DreamProfile, layers: tuple[DreamedLayer, ...]
) -> None:
    # given
    undisturbed = carry_out(a_dream(tiny, picture, profile, layers=layers))

    # when
    state = a_dream(tiny, picture, profile, layers=layers).begin()
    units = 0
    while not a_dream(tiny, picture, profile, layers=layers).finished(state):
        dream = a_dream(tiny, picture, profile, layers=layers)
        file = BytesIO()
        np.savez(file, **dream.pack(dream.advance(state)))  # type: ignore[arg-type]
        file.seek(0)
        state = dream.unpack(np.load(file, allow_pickle=False))
        units += 1

    # then
    resumed = a_dream(tiny, picture, profile, layers=layers).result(state)
    assert units == 6
    assert resumed.image.tobytes() == undisturbed.image.tobytes()
    assert resumed.trace == undisturbed.trace


def test_what_was_surveyed_travels_in_the_state_and_into_the_result(
    tiny: Network, picture: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    layers = (DreamedLayer("shapes", strongest=3), DreamedLayer("edges", 0.5, channels=(1, 4)))
    first = a_dream(tiny, picture, MODERN_DREAM, layers=layers)
    begun = first.begin()
    packed = first.pack(first.advance(begun))

    # when
    monkeypatch.setattr(dream_module, "survey", None)
    taken_up = a_dream(tiny, picture, MODERN_DREAM, layers=layers)
    told = taken_up.result(taken_up.advance(taken_up.unpack(packed))).survey

    # then
    assert told == first.result(begun).survey
    assert len(told["shapes"].channels or ()) == 3
    assert told["edges"].channels == (1, 4)
    assert (told["shapes"].strength, told["edges"].strength != 1.0) == (1.0, True)


@profiles
def test_advancing_the_same_state_twice_gives_the_same_bytes(
    tiny: Network, picture: Image, profile: DreamProfile
) -> None:
    # given
    dream = a_dream(tiny, picture, profile)
    state = dream.advance(dream.begin())

    # when
    one, other = dream.advance(state), dream.advance(state)

    # then
    assert one.image.tobytes() == other.image.tobytes()
    assert one.random_state == other.random_state


@profiles
def test_a_dream_raises_its_layer(tiny: Network, picture: Image, profile: DreamProfile) -> None:
    # when
    trace = carry_out(a_dream(tiny, picture, profile)).trace

    # then
    assert [entry["step"] for entry in trace] == [0, 1, 2, 3, 4] * 2
    assert trace[-1]["objective"] > trace[5]["objective"]


@profiles
def test_a_layer_of_no_weight_changes_nothing(tiny: Network, picture: Image, profile: DreamProfile) -> None:
    # given
    beside = (SHAPES, DreamedLayer("edges", 0.0))

    # when
    alone, accompanied = (carry_out(a_dream(tiny, picture, profile, layers=these)) for these in ((SHAPES,), beside))

    # then
    np.testing.assert_allclose(accompanied.image, alone.image, atol=1e-3)


def test_the_objective_is_what_the_trace_tells(tiny: Network, picture: Image) -> None:
    # given
    activations = tiny.activations(tf.constant(picture)[None], ("shapes",), "trained", "replicate")["shapes"].numpy()
    settings = {"repeats": 0, "tile_size": 400}
    unrolled = replace(MODERN_DREAM, roll=0)

    # when
    squared = carry_out(a_dream(tiny, picture, unrolled, **settings)).trace
    plain = carry_out(a_dream(tiny, picture, unrolled, objective="mean", **settings)).trace

    # then
    assert squared[0]["objective"] == pytest.approx(np.mean(activations**2), rel=1e-4)
    assert plain[0]["objective"] == pytest.approx(np.mean(activations), rel=1e-4)
    assert plain[-1]["objective"] > plain[0]["objective"]


def test_another_dream_can_go_on_with_the_draws_of_the_last(tiny: Network, picture: Image) -> None:
    # given
    dream = a_dream(tiny, picture, CLASSIC_DREAM, repeats=0, iterations=2)
    last = dream.advance(dream.begin())

    # when
    following = Dream(tiny, dream.settings, last.image, last.random_state).begin()

    # then
    assert following.random_state == last.random_state


def test_only_classic_leaves_the_range(tiny: Network, picture: Image) -> None:
    # when
    modern = carry_out(a_dream(tiny, picture, MODERN_DREAM, step_size=60.0, hold_tone=False)).image
    classic = carry_out(a_dream(tiny, picture, CLASSIC_DREAM, step_size=60.0)).image

    # then
    assert (modern.min(), modern.max()) == (0.0, 255.0)
    assert classic.max() > 255.0


def test_tone_is_held_at_the_sources(tiny: Network, picture: Image) -> None:
    # given
    calm = picture * 0.3 + 90

    # when
    dreamed = carry_out(a_dream(tiny, calm, MODERN_DREAM, step_size=20.0)).image

    # then
    assert np.abs(dreamed.mean(axis=(0, 1)) - calm.mean(axis=(0, 1))).max() < 4.0
    assert (dreamed.std(axis=(0, 1)) <= calm.std(axis=(0, 1)).clip(48.0) + 0.1).all()


def test_a_preview_has_the_final_size_from_the_first_octave_on(tiny: Network, picture: Image) -> None:
    # given
    dream = a_dream(tiny, picture, MODERN_DREAM)

    # when
    state = dream.begin()

    # then
    assert state.image.shape != picture.shape
    assert dream.preview(state).shape == picture.shape
    assert dream.progress(state).detail == "shapes | octave 1/2"
    assert dream.progress(state).steps_total == 10


def test_modern_leaves_out_octaves_that_are_too_small(tiny: Network) -> None:
    # given
    dream = a_dream(tiny, solid((90, 90, 90), (12, 9)), MODERN_DREAM, repeats=6)

    # then
    assert dream.sizes == ((12, 9),)
    assert carry_out(dream).image.shape == (12, 9, 3)


def test_classic_says_which_size_would_work_for_its_octaves(tiny: Network) -> None:
    # given
    image = solid((90, 90, 90), (8, 8))

    # then
    with pytest.raises(ImageTooSmallError) as caught:
        a_dream(tiny, image, CLASSIC_DREAM, repeats=8)
    works = solid((90, 90, 90), (caught.value.minimum, caught.value.minimum))
    assert len(a_dream(tiny, works, CLASSIC_DREAM, repeats=8).sizes) == 9


def test_an_image_under_the_networks_minimum_is_refused(tiny: Network) -> None:
    with pytest.raises(ImageTooSmallError, match="8 px or more"):
        a_dream(tiny, solid((0, 0, 0), (7, 40)), MODERN_DREAM)


def test_an_unknown_layer_is_refused_with_the_list_of_layers(tiny: Network, picture: Image) -> None:
    with pytest.raises(UnknownLayerError, match="0 edges, 1 shapes"):
        a_dream(tiny, picture, MODERN_DREAM, layers=(DreamedLayer("mixed9z"),))


def test_a_channel_that_is_not_there_is_refused(tiny: Network, picture: Image) -> None:
    with pytest.raises(SettingsError, match=r"0\.\.7"):
        a_dream(tiny, picture, MODERN_DREAM, layers=(DreamedLayer("shapes", channels=(3, 8)),))


@pytest.mark.parametrize(("count", "channels"), [(0, None), (9, None), (2, (1, 2))])
def test_a_number_of_strongest_channels_that_cannot_be_is_refused(
    tiny: Network, picture: Image, count: int, channels: tuple[int, ...] | None
) -> None:
    with pytest.raises(SettingsError, match=r"1 to 8 in shapes|channels or strongest, not both"):
        a_dream(tiny, picture, MODERN_DREAM, layers=(DreamedLayer("shapes", 1.0, channels, count),))


@pytest.mark.parametrize(
    "change",
    [
        {"iterations": 0},
        {"step_size": 0.0},
        {"rescale_factor": 1.0},
        {"blend": 2.0},
        {"layers": ()},
        {"layers": (SHAPES, SHAPES)},
        {"layers": (DreamedLayer("shapes", 0.0),)},
        {"layers": (DreamedLayer("shapes", float("nan")),)},
    ],
)
def test_settings_out_of_range_are_refused(tiny: Network, picture: Image, change: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=next(iter(change))):
        a_dream(tiny, picture, MODERN_DREAM, **change)


def test_a_broken_image_is_refused(tiny: Network, picture: Image) -> None:
    # given
    broken = picture.copy()
    broken[3, 4, 1] = np.nan

    # then
    with pytest.raises(NotFiniteError):
        a_dream(tiny, broken, MODERN_DREAM)


def test_a_step_into_infinity_is_caught(tiny: Network, picture: Image) -> None:
    # given
    dream = a_dream(tiny, picture, CLASSIC_DREAM, step_size=1e38, repeats=0)

    # then
    with pytest.raises(NotFiniteError, match="step"), np.errstate(all="ignore"):
        carry_out(dream)
