"""Exported steps are the engine's own, take their weights as arguments, and are counted right."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorflow.python.framework import config

from tests.benchmarks.cards import CARDS, stated_peak
from tests.benchmarks.export_steps import exported, written
from tests.benchmarks.stablehlo import PRECISIONS, cleaned, in_bf16, in_tf32, operations
from tests.benchmarks.steps import STEPS, Step
from worker.engine.networks import Network, build_network

SIZE = (32, 48)
CONVOLUTION = (
    "    %9 = stablehlo.convolution(%7, %arg2) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], "
    "window = {stride = [1, 1], pad = [[1, 1], [1, 1]], lhs_dilate = [2, 2], rhs_dilate = [1, 1]} "
    "{precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : "
    "(tensor<1x4x6x512xf32>, tensor<3x3x256x512xf32>) -> tensor<1x8x12x256xf32>"
)


@pytest.fixture(autouse=True)
def any_kernel() -> Iterator[None]:
    """XLA has no deterministic gradient of a pooling: tests before these may have asked for nothing else."""
    asked = config.is_op_determinism_enabled()
    config.disable_op_determinism()
    yield
    if asked:
        config.enable_op_determinism()


@pytest.fixture(scope="session")
def steps(weights_dir: Path) -> dict[str, tuple[Network, Step]]:
    """A small step of each kind."""
    made: dict[str, tuple[Network, Step]] = {}
    for kind, (name, make) in STEPS.items():
        with np.load(weights_dir / f"{name}.npz") as tensors:
            network = build_network(name, tensors)
        made[kind] = network, make(network, SIZE, 2)
    return made


@pytest.mark.parametrize("kind", STEPS)
def test_a_step_is_written_with_its_weights_as_arguments(
    kind: str, steps: dict[str, tuple[Network, Step]], tmp_path: Path
) -> None:
    # when
    manifest = written(tmp_path, steps[kind][1], SIZE)

    # then
    text = (tmp_path / "step.mlir").read_text()
    (taken,) = re.findall(r"func\.func (?:public )?@main\S*?\((.*?)\) ->", text)
    with np.load(tmp_path / "arguments.npz") as arguments:
        shapes = ["x".join(map(str, arguments[name].shape)) for name in arguments.files]
    assert re.findall(r"tensor<((?:\d+x)*)[fi]\d+>", taken) == [f"{shape}x" if shape else "" for shape in shapes]
    assert manifest["parameters"] == len(shapes)
    assert len(text) < 2**22


def test_a_step_is_the_same_text_every_time(steps: dict[str, tuple[Network, Step]]) -> None:
    # given
    _, step = steps["style"]

    # when
    first, second = (exported(step)[0] for _ in range(2))

    # then
    assert first == second
    assert "loc(" not in first


def test_a_style_step_computes_its_convolutions_twice_and_its_grams_twice(
    steps: dict[str, tuple[Network, Step]],
) -> None:
    # given: forward, then back to the picture, whose gradient has a margin of one pixel all around
    network, step = steps["style"]
    height, width = SIZE
    convolutions, grams, before = 0, 0, 3
    for layer, geometry in network.geometry.items():
        positions = math.ceil(height / geometry.stride) * math.ceil(width / geometry.stride)
        seen = (positions, (height + 2) * (width + 2))[layer == "conv1_1"]
        convolutions += 2 * 9 * before * geometry.channels * (positions + seen)
        if layer in ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"):
            grams += 2 * 2 * positions * geometry.channels**2
        before = geometry.channels
        if layer == "conv5_1":
            break

    # when
    counted = operations(exported(step)[0])

    # then
    assert counted == convolutions + grams


def test_zeros_between_dilated_values_count_nothing() -> None:
    assert operations(CONVOLUTION) == 2 * 8 * 12 * 256 * 9 * 512 // 4


def test_tf32_leaves_the_precision_of_products_to_the_device() -> None:
    assert in_tf32(CONVOLUTION).count("precision DEFAULT") == 2
    assert "HIGHEST" not in in_tf32(CONVOLUTION)


def test_bf16_rounds_the_factors_of_convolutions_and_sums_in_float32() -> None:
    # when
    *rounded, convolution = in_bf16(CONVOLUTION).splitlines()

    # then
    assert [line.endswith("xbf16>") for line in rounded] == [True, True]
    assert convolution.endswith("(tensor<1x4x6x512xbf16>, tensor<3x3x256x512xbf16>) -> tensor<1x8x12x256xf32>")


def test_where_a_step_was_traced_is_left_out() -> None:
    assert cleaned('#loc3 = loc("/a/file.py":1:0)\nmodule @f_12__.5 {\n  %0 = x loc(#loc3)\n') == (
        "module @step {\n  %0 = x\n"
    )


def test_packed_truth_values_are_spelled_out() -> None:
    assert cleaned('dense<"0x15"> : tensor<2x3xi1>') == (
        "dense<[[true, false, true], [false, true, false]]> : tensor<2x3xi1>"
    )


@pytest.mark.parametrize(
    ("device", "card"),
    [
        ("NVIDIA H100 80GB HBM3", "H100 80GB HBM3"),
        ("NVIDIA A100-SXM4-40GB", "A100"),
        ("NVIDIA L40S", "L40S"),
        ("NVIDIA L4", "L4"),
        ("cpu", None),
    ],
)
def test_a_card_is_known_by_its_drivers_name(device: str, card: str | None) -> None:
    for precision in PRECISIONS:
        expected: Any = CARDS[card][precision] * 1e12 if card else None
        assert stated_peak(device, precision) == expected
