"""Whatever a spec may ask, at any size: refused before the first step, or a finite picture of the size asked for."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.engine.computation import Computation, carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.errors import EngineError
from worker.engine.image import Image, Size, noise, solid
from worker.engine.networks import Network
from worker.engine.plateau import Plateau
from worker.engine.profile import DREAM_PROFILES, STYLE_PROFILES
from worker.engine.regions import Regions
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings

LAYERS = ("edges", "shapes")
SIDES = st.integers(1, 40)
SIZES = st.tuples(SIDES, SIDES)
STEP_SIZES = st.floats(0, 100, exclude_min=True) | st.floats(0.1, 100)
WEIGHTS = st.sampled_from((0.0, 1e-6, 1.0, 1e6)) | st.floats(0, 1e6)
SHARES = st.floats(1e-6, 1000)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
EXAMPLES = int(os.environ.get("BOUNDS_EXAMPLES", "8"))
"""More are worth some minutes after a change to the engine: BOUNDS_EXAMPLES=600."""
# Few ways, for each is compiled anew.
DREAMS: tuple[Mapping[str, Any], ...] = (
    {"profile": "modern", "objective": "mean-square", "layers": LAYERS},
    {"profile": "modern", "objective": "guide", "layers": ("shapes",)},
    {"profile": "classic", "objective": "mean", "layers": ("shapes",)},
)
PAINTINGS: tuple[Mapping[str, Any], ...] = (
    {"profile": "modern", "optimizer": "adam", "memory_gib": 10.0},
    {"profile": "modern", "optimizer": "adam", "memory_gib": 1e-6},
    {"profile": "modern", "optimizer": "lbfgs", "outcome": "averaged"},
    {"profile": "classic", "optimizer": "gradient-descent"},
    {"profile": "classic", "optimizer": "lbfgs"},
)


@st.composite
def images(draw: st.DrawFn, sizes: st.SearchStrategy[Size] = SIZES) -> Image:
    size = draw(sizes)
    return draw(st.sampled_from((noise(size, 1), solid(BLACK, size), solid(WHITE, size))))


@st.composite
def regions(draw: st.DrawFn, styles: int) -> Regions:
    """Two masks that share the styles: thin, faint or empty ones too."""
    masks = [np.full(draw(SIZES), draw(st.sampled_from((0.0, 0.3, 1.0))), np.float32) for _ in range(2)]
    masks[0][: draw(SIDES) - 1, :] = 0.0
    return Regions(tuple(masks), tuple(number % 2 for number in range(styles)))


@st.composite
def paintings(draw: st.DrawFn) -> dict[str, Any]:
    """All that `Style` wants but the network."""
    way = draw(st.sampled_from(PAINTINGS))
    plateau = st.builds(Plateau, st.floats(0.01, 0.99), st.integers(1, 5))
    told = StyleSettings(
        **{**way, "profile": STYLE_PROFILES[way["profile"]]},
        iterations=draw(st.integers(1, 6)),
        step_size=draw(STEP_SIZES),
        style_weight=draw(WEIGHTS),
        content_weight=draw(WEIGHTS),
        denoise_weight=draw(WEIGHTS),
        content_layers=("edges",),
        style_layers=LAYERS,
        style_layer_weights=(draw(SHARES), draw(SHARES)),
        start_noise=draw(st.none() | st.floats(0, 1)),
        plateau=draw(st.none() | plateau),
        colors=draw(st.sampled_from(("style", "content", "matched"))),
        levels=draw(st.integers(1, 8)),
    )
    styles = draw(st.lists(st.tuples(images(), SHARES), min_size=1, max_size=3))
    masked = len(styles) > 1 and told.optimizer == "lbfgs"
    held = draw(regions(len(styles))) if masked else None
    return {"settings": told, "content": draw(images()), "styles": styles, "seed": 1, "regions": held}


@st.composite
def dreams(draw: st.DrawFn) -> dict[str, Any]:
    """All that `Dream` wants but the network."""
    way = draw(st.sampled_from(DREAMS))
    strongest = draw(st.none() | st.integers(1, 9))
    told = DreamSettings(
        tuple(DreamedLayer(name, draw(st.floats(0, 1)), strongest=strongest) for name in way["layers"]),
        objective=way["objective"],
        iterations=draw(st.integers(1, 3)),
        step_size=draw(STEP_SIZES),
        repeats=draw(st.integers(0, 12)),
        rescale_factor=draw(st.floats(0.2, 0.95)),
        blend=draw(st.floats(0, 1)),
        tile_size=32,
        hold_tone=draw(st.none() | st.booleans()),
        profile=DREAM_PROFILES[way["profile"]],
    )
    guide = draw(images()) if told.objective == "guide" else None
    return {"settings": told, "image": draw(images()), "seed": 1, "guide": guide}


def check(work: Computation[Any], size: Size, *, clipped: bool) -> None:
    """Carried out, it is a picture of that size."""
    result = carry_out(work)
    assert result.image.shape == (*size, 3)
    assert np.isfinite(result.image).all()
    assert not clipped or (result.image.min() >= 0 and result.image.max() <= 255)
    assert all(np.isfinite(list(entry.values())).all() for entry in result.trace)


@settings(deadline=None, max_examples=EXAMPLES)
@given(asked=st.data())
def test_any_painting_is_refused_beforehand_or_ends_in_a_picture(tiny: Network, asked: st.DataObject) -> None:
    try:
        painting = asked.draw(paintings())
        work = Style(tiny, **painting)
    except EngineError:
        return

    check(work, painting["content"].shape[:2], clipped=True)


@settings(deadline=None, max_examples=EXAMPLES)
@given(asked=st.data())
def test_any_dream_is_refused_beforehand_or_ends_in_a_picture(tiny: Network, asked: st.DataObject) -> None:
    try:
        told = asked.draw(dreams())
        work = Dream(tiny, **told)
    except EngineError:
        return

    check(work, told["image"].shape[:2], clipped=told["settings"].profile.clip)
