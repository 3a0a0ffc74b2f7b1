"""What a style stage's parameters say reaches the engine."""

from typing import Any

import numpy as np

from shared.plan.parameters import StyleParameters
from shared.plan.style import style_parameters
from shared.spec.style import StyleSpec
from worker.engine.image import solid
from worker.engine.plateau import Plateau
from worker.engine.style_settings import StyleSettings
from worker.stages.style import regions_of, style_settings

IMAGE, OTHER, MASK = ("sha256:" + letter * 64 for letter in "abc")


def parameters(**fields: Any) -> StyleParameters:
    return style_parameters(StyleSpec.model_validate({"images": [{"image": IMAGE}], **fields}), seed=3)


def test_a_block_of_defaults_gives_the_engines_own_defaults() -> None:
    # when
    settings = style_settings(parameters())

    # then
    even = {"content_layer_weights": (1.0,), "style_layer_weights": (1.0,) * 5}
    assert settings == StyleSettings(**even)


def test_every_choice_of_a_block_reaches_the_engine() -> None:
    # when
    settings = style_settings(
        parameters(
            style_layers={"conv1_1": 2, "conv3_1": 0.5},
            content_layers={8: 3},
            start=0.25,
            optimizer="lbfgs",
            result="averaged",
            plateau={"tolerance": 0.05, "steps": 7},
            colors="matched",
            memory_gib=2.5,
        )
    )

    # then
    assert settings == StyleSettings(
        style_layers=("conv1_1", "conv3_1"),
        style_layer_weights=(2.0, 0.5),
        content_layers=("conv4_2",),
        content_layer_weights=(3.0,),
        start_noise=0.25,
        optimizer="lbfgs",
        outcome="averaged",
        plateau=Plateau(0.05, 7),
        colors="matched",
        memory_gib=2.5,
    )


def test_masks_become_regions_in_the_order_of_their_styles() -> None:
    # given
    half = np.concatenate([solid((255, 255, 255), (2, 4)), solid((0, 0, 0), (2, 4))])
    images = [
        {"image": IMAGE, "mask": {"image": MASK}},
        {"image": OTHER, "mask": {"image": MASK, "invert": True}},
        {"image": OTHER, "mask": {"image": MASK}},
    ]

    # when
    regions = regions_of(parameters(images=images), [half, half])

    # then
    assert regions is not None
    assert regions.of_styles == (0, 1, 0)
    np.testing.assert_allclose([mask[:, 0] for mask in regions.masks], [[1, 1, 0, 0], [0, 0, 1, 1]], atol=1e-6)


def test_no_masks_are_no_regions() -> None:
    assert regions_of(parameters(), []) is None
