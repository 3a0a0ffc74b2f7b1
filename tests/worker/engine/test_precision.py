"""Mixed precision sees, pulls and paints as float32 does."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from worker.bench.similarity import ssim
from worker.engine.ascent import compiled_gradient
from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Image
from worker.engine.networks import Network, build_network
from worker.engine.objectives import Aim, Objective
from worker.engine.precision import Precision
from worker.engine.profile import MODERN_DREAM
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings

Pair = tuple[Network, Network]


@pytest.fixture(scope="module")
def pair(weights_dir: Path) -> Callable[[str], Pair]:
    def build(name: str) -> Pair:
        precisions: tuple[Precision, Precision] = ("float32", "mixed")
        with np.load(weights_dir / f"{name}.npz", allow_pickle=False) as tensors:
            exact, mixed = (build_network(name, dict(tensors), precision) for precision in precisions)
        return exact, mixed

    return build


def test_a_layer_pulls_the_same_way_in_mixed_precision(pair: Callable[[str], Pair], picture: Image) -> None:
    # given
    objective = Objective(("mixed3b",))
    aim = Aim(tf.ones((1,)), {}, {})

    # when
    looks = [
        compiled_gradient(network, objective, MODERN_DREAM)(tf.constant(picture), aim) for network in pair("googlenet")
    ]

    # then
    (value, slope), (other_value, other_slope) = looks
    assert other_slope.dtype == tf.float32
    np.testing.assert_allclose(other_value, value, rtol=0.02)
    assert alignment(slope.numpy(), other_slope.numpy()) >= 0.98


def test_a_short_dream_in_mixed_precision_is_the_same_dream(pair: Callable[[str], Pair], cat: Image) -> None:
    # given
    settings = DreamSettings((DreamedLayer("mixed3b"),), iterations=3, repeats=0)

    start = np.ascontiguousarray(cat[:48, :64])

    # when
    exact, mixed = (carry_out(Dream(network, settings, start, 3)).image for network in pair("googlenet"))

    # then
    assert not np.array_equal(mixed, exact)
    assert ssim(mixed, exact) >= 0.99


def test_a_style_in_mixed_precision_comes_as_near_to_its_style(pair: Callable[[str], Pair], picture: Image) -> None:
    # given
    layers = ("conv1_1", "conv2_1", "conv3_1")
    settings = StyleSettings(iterations=4, levels=1, content_layers=("conv3_1",), style_layers=layers)
    style = np.ascontiguousarray(picture[:, ::-1][:, :36])

    # when
    traces = [carry_out(Style(one, settings, picture, [(style, 1.0)], 0)).trace for one in pair("vgg16")]

    # then
    exact, mixed = (trace[-1]["style"] for trace in traces)
    assert mixed == pytest.approx(exact, rel=0.1)
    assert exact < traces[0][0]["style"]


def alignment(one: Image, other: Image) -> float:
    """The cosine of the angle between two gradients."""
    return float(np.sum(one * other) / (np.linalg.norm(one) * np.linalg.norm(other)))
