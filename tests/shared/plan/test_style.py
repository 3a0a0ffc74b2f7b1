"""From a style block to the parameters and inputs of its stages."""

from typing import Any

import pytest

from shared.errors import SpecError
from shared.plan.parameters import StyleParameters
from shared.plan.style import check_masks, check_style_images, style_inputs, style_parameters
from shared.spec.style import StyleSpec

STYLE, OTHER, MASK = ("sha256:" + letter * 64 for letter in "abc")


def style(**fields: Any) -> StyleSpec:
    return StyleSpec.model_validate({"images": [{"image": STYLE}], **fields})


def parameters(**fields: Any) -> StyleParameters:
    return style_parameters(style(**fields), seed=1)


def test_layers_with_weights_are_named_or_numbered() -> None:
    # when
    made = parameters(style_layers={"conv1_1": 2, 10: 0.5, "4": 3})

    # then
    assert made.style_layers == ("conv1_1", "conv5_1", "conv3_1")
    assert made.style_layer_weights == (2.0, 0.5, 3.0)


@pytest.mark.parametrize(("layers", "count"), [("all", 13), ([0, 0, "conv2_1"], 3)])
def test_layers_without_weights_count_alike(layers: Any, count: int) -> None:
    # when
    made = parameters(style_layers=layers)

    # then
    assert len(made.style_layers) == count
    assert made.style_layer_weights == (1.0,) * count


def test_a_weight_for_a_layer_that_is_not_there_gets_the_list_of_layers() -> None:
    # when
    with pytest.raises(SpecError, match=r"no layer 'conv9_1'; did you mean 'conv5_1'\? its layers are 0") as refused:
        parameters(content_layers={"conv9_1": 1})

    # then
    assert refused.value.pointer == "/style/content_layers/conv9_1"


def test_a_layer_of_a_list_that_is_not_there_is_told_by_its_number() -> None:
    with pytest.raises(SpecError, match="no layer 13") as refused:
        parameters(style_layers=["conv1_1", 13])

    assert refused.value.pointer == "/style/style_layers/1"


def test_style_images_larger_than_any_picture_may_be_are_refused() -> None:
    with pytest.raises(SpecError, match=r"20,000 pixels a side; 16,384 are the most") as refused:
        check_style_images(style(scale=4), (32, 5_000), {STYLE: (400, 600)})

    assert refused.value.pointer == "/style/scale"


@pytest.mark.parametrize(("start", "share"), [("content", 0.0), ("noise", 1.0), (0.25, 0.25), (None, None)])
def test_a_start_becomes_a_share_of_noise(start: str | float | None, share: float | None) -> None:
    assert parameters(start=start).start_noise == share


def test_a_scale_sizes_style_images_by_the_frames_and_enlarges_them_too() -> None:
    # when
    (item,) = style_inputs(style(scale=0.5), (300, 451))

    # then
    assert (item.max_size, item.enlarge) == (226, True)
    assert style_parameters(style(scale=0.5), 1) == parameters()


@pytest.mark.parametrize(("size", "scale", "fits"), [((20, 20), 1.0, True), ((400, 400), 0.05, False)])
def test_a_style_image_must_be_large_enough_at_its_scale(size: tuple[int, int], scale: float, fits: bool) -> None:
    if fits:
        check_style_images(style(scale=scale), (300, 451), {STYLE: size})
        return

    with pytest.raises(SpecError, match=r"longest side of 23; .* raise style\.scale"):
        check_style_images(style(scale=scale), (300, 451), {STYLE: size})


def test_masks_are_read_once_each_behind_the_style_images() -> None:
    # given
    images = [
        {"image": STYLE, "mask": {"image": MASK}},
        {"image": OTHER, "mask": {"image": MASK, "invert": True}},
        {"image": OTHER, "mask": {"image": MASK}},
    ]
    spec = style(images=images)

    # when
    made, inputs = style_parameters(spec, 1), style_inputs(spec, (300, 451))

    # then
    assert (made.regions, made.inverted) == ((0, 1, 0), (False, True))
    assert [item.source.image for item in inputs if item.source] == [STYLE, OTHER, OTHER, MASK, MASK]


@pytest.mark.parametrize(("white", "invert"), [(0.0, False), (0.007, False), (1.0, True)])
def test_a_mask_that_leaves_too_little_is_refused_at_its_place(white: float, invert: bool) -> None:
    # given
    spec = style(images=[{"image": STYLE, "mask": {"image": MASK, "invert": invert}}])

    # when
    with pytest.raises(SpecError, match="of 135300 pixels; vgg16 needs 1024 at least") as refused:
        check_masks(spec, (300, 451), {MASK: white})

    # then
    assert refused.value.pointer == "/style/images/0/mask"
    check_masks(spec, (300, 451), {MASK: 0.5})
