"""The classic profile computes what the original programs computed, as recorded on the pretrained networks.

Both loops are chaotic: where another kernel, or another number of threads, rounds one sum otherwise, a ReLU flips, and
after some tens of steps the picture is another one. So a recorded picture counts as met when it is as near as the
record asks, or about as near as our own result comes to itself when its start is moved by a hundred-thousandth of a
level: the furthest of a few such nudges is what chaos alone can do on this machine.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from worker.bench.similarity import ssim
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.dream_state import DreamState
from worker.engine.image import Image
from worker.engine.networks import Network
from worker.engine.profile import CLASSIC_DREAM, CLASSIC_STYLE
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings
from worker.engine.style_state import StyleState

Record = Mapping[str, NDArray[Any]]
NUDGE = 1e-5
NUDGES = range(3)
# A few nudges do not show the whole of what chaos can do.
SLACK = 0.95


@pytest.fixture
def googlenet(pretrained: Callable[[str], Network]) -> Network:
    return pretrained("googlenet")


@pytest.fixture
def read(goldens_dir: Path) -> Callable[[str], Record]:
    def read_record(name: str) -> Record:
        with np.load(goldens_dir / f"{name}.npz") as record:
            return dict(record)

    return read_record


def nudges(image: NDArray[np.floating]) -> list[NDArray[Any]]:
    """The image, moved a hundred-thousandth of a level in several ways."""
    grains = [np.random.default_rng(seed).normal(0, NUDGE, image.shape) for seed in NUDGES]
    return [image + grain.astype(image.dtype) for grain in grains]


def reachable(image: Image, others: list[Image]) -> float:
    """How near a result must be to count as the same: as near as the furthest of those from nudged starts."""
    return SLACK * min(ssim(other, image) for other in others)


def classic_settings(record: Record, layer: str) -> DreamSettings:
    channels = tuple(int(channel) for channel in record["channels"]) if "channels" in record else None
    return DreamSettings(
        layers=(DreamedLayer(layer, channels=channels),),
        iterations=int(record["iterations"]),
        step_size=float(record["step_size"]),
        repeats=int(record["repeats"]),
        tile_size=int(record["tile_size"]),
        profile=CLASSIC_DREAM,
        rescale_factor=float(record.get("rescale_factor", 0.7)),
        blend=float(record.get("blend", 0.2)),
    )


def last_state(dream: Dream) -> DreamState:
    state = dream.begin()
    while not dream.finished(state):
        state = dream.advance(state)
    return state


def dreamed(network: Network, record: Record, image: Image) -> Image:
    return last_state(Dream(network, classic_settings(record, str(record["layer"])), image, int(record["seed"]))).image


def chained(network: Network, record: Record, image: Image) -> list[Image]:
    seed: Any = int(record["seed"])
    frames: list[Image] = []
    for layer in record["layers"]:
        state = last_state(Dream(network, classic_settings(record, str(layer)), image, seed))
        image, seed = state.image, state.random_state
        frames.append(image)
    return frames


def test_one_step_is_the_originals(googlenet: Network, read: Callable[[str], Record]) -> None:
    # given
    record = read("dream_step1")

    # when
    image = dreamed(googlenet, record, record["image"].astype(np.float32))

    # then
    error = np.abs(image - record["output"])
    assert np.quantile(error, 0.99) <= 1e-3
    assert ssim(image, record["output"]) >= 0.99999


@pytest.mark.parametrize("name", ["dream_tiles", "dream_single10"])
def test_steps_at_one_level_are_the_originals(name: str, googlenet: Network, read: Callable[[str], Record]) -> None:
    # given
    record = read(name)
    start = record["image"].astype(np.float32)

    # when
    image = dreamed(googlenet, record, start)

    # then
    if np.abs(image - record["output"]).max() > 0.1:
        others = [dreamed(googlenet, record, other) for other in nudges(start)]
        assert ssim(image, record["output"]) >= min(0.99, reachable(image, others))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dream_recursive", "dream_channels"])
def test_recursive_dreams_are_the_originals(name: str, googlenet: Network, read: Callable[[str], Record]) -> None:
    # given
    record = read(name)
    start = record["image"].astype(np.float32)

    # when
    image = dreamed(googlenet, record, start)

    # then
    similarity = ssim(image, record["output"])
    if similarity < 0.99:
        assert similarity >= reachable(image, [dreamed(googlenet, record, other) for other in nudges(start)])


@pytest.mark.slow
def test_a_chain_is_the_originals(googlenet: Network, read: Callable[[str], Record]) -> None:
    # given
    record = read("dream_chain")
    start = record["image"].astype(np.float32)

    # when
    frames = chained(googlenet, record, start)

    # then
    similarities = [ssim(frame, output) for frame, output in zip(frames, record["output"], strict=True)]
    if min(similarities) < 0.99:
        others = zip(*(chained(googlenet, record, other) for other in nudges(start)), strict=True)
        nearest = [reachable(frame, list(ends)) for frame, ends in zip(frames, others, strict=True)]
        assert all(got >= min(0.99, best) for got, best in zip(similarities, nearest, strict=True))


def recorded_style(network: Network, record: Record, initial: NDArray[np.float64]) -> tuple[Style, StyleState]:
    settings = StyleSettings(
        iterations=60,
        optimizer="gradient-descent",
        step_size=10.0,
        content_weight=1.5,
        denoise_weight=0.3,
        content_layers=("conv3_1",),
        style_layers=network.layers,
        profile=CLASSIC_STYLE,
        unit_steps=1,
    )
    content, image = record["content"].astype(np.float32), record["style"].astype(np.float32)
    style = Style(network, settings, content, [(image, 1.0)], seed=0)
    start = style.begin()
    return style, replace(start, mixture=start.mixture._replace(image=initial))


def after(style: Style, state: StyleState, steps: int) -> StyleState:
    while state.step < steps:
        state = style.advance(state)
    return state


def test_first_steps_of_a_style_are_the_originals(
    pretrained: Callable[[str], Network], read: Callable[[str], Record]
) -> None:
    # given
    record = read("style")
    network = pretrained("vgg16")
    style, state = recorded_style(network, record, record["initial"])
    others = [recorded_style(network, record, initial) for initial in nudges(record["initial"])]

    for steps in (1, 2):
        # when
        state = after(style, state, steps)

        # then
        image = style.result(state).image
        if far_from(image, record[f"output_{steps}"]) > 1e-3:
            ends = [other.result(after(other, begun, steps)).image for other, begun in others]
            assert SLACK * far_from(image, record[f"output_{steps}"]) <= max(far_from(image, end) for end in ends)
        np.testing.assert_allclose(state.trace[:, 1:], record["losses"][:steps], rtol=1e-3)


def far_from(image: Image, other: Image) -> float:
    """How far nearly all values of two pictures lie apart, at most."""
    return float(np.quantile(np.abs(image - other), 0.99))


@pytest.mark.slow
def test_a_style_transfer_is_the_originals(pretrained: Callable[[str], Network], read: Callable[[str], Record]) -> None:
    # given
    record = read("style")
    network = pretrained("vgg16")
    style, state = recorded_style(network, record, record["initial"])

    # when
    tenth = after(style, state, 10)
    last = after(style, tenth, 60)

    # then
    assert ssim(style.result(tenth).image, record["output_10"]) >= 0.97
    np.testing.assert_allclose(tenth.trace[:, 1:], record["losses"][:10], rtol=0.02)
    # Single steps jitter; what holds is the level of the losses over the last ten.
    np.testing.assert_allclose(last.trace[50:, 1:].mean(axis=0), record["losses"][50:].mean(axis=0), rtol=0.1)
