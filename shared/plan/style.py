"""What a style block asks of its stages: the parameters, and the pictures beside the content."""

from collections.abc import Mapping, Sequence

from shared.errors import SpecError
from shared.networks import NETWORKS, NetworkCard
from shared.plan.parameters import StyleParameters
from shared.plan.records import StageInput
from shared.plan.size import Size
from shared.spec.pointer import pointer_to
from shared.spec.source import MAX_SIDE, Source
from shared.spec.style import StyleMask, StyleSpec

START_NOISE: Mapping[str, float] = {"content": 0.0, "noise": 1.0}


def style_parameters(spec: StyleSpec, seed: int, further_seeds: Sequence[int] = ()) -> StyleParameters:
    """The parameters of a stage that paints by this block, one frame a seed.

    Raises:
        SpecError: the network has no such layer.
    """
    network = NETWORKS[spec.network]
    content_layers, content_weights = _weighted_layers(network, spec.content_layers, "/style/content_layers")
    style_layers, style_weights = _weighted_layers(network, spec.style_layers, "/style/style_layers")
    masks = _distinct_masks(spec)
    told_otherwise = {"images", "network", "batch_size", "max_size", "scale", "content_layers", "style_layers", "start"}
    return StyleParameters(
        **spec.model_dump(exclude=told_otherwise),
        network=network.name,
        regions=tuple(masks.index(mask) for mask in spec.masks),
        inverted=tuple(mask.invert for mask in masks),
        image_weights=tuple(style.weight for style in spec.images),
        content_layers=content_layers,
        content_layer_weights=content_weights,
        style_layers=style_layers,
        style_layer_weights=style_weights,
        start_noise=START_NOISE[spec.start] if isinstance(spec.start, str) else spec.start,
        seed=seed,
        further_seeds=tuple(further_seeds),
    )


def style_inputs(spec: StyleSpec, size: Size) -> tuple[StageInput, ...]:
    """The style images and masks, as every stage that paints frames of this size reads them behind its content."""
    images = (
        StageInput(
            source=Source(image=style.image),
            max_size=_longest_side(spec, size),
            classic=spec.profile == "classic",
            enlarge=spec.scale is not None,
        )
        for style in spec.images
    )
    masks = (StageInput(source=Source(image=mask.image)) for mask in _distinct_masks(spec))
    return (*images, *masks)


def check_style_images(style: StyleSpec, size: Size, image_sizes: Mapping[str, Size]) -> None:
    """Refuse a style image that the network could not look at.

    Raises:
        SpecError: the message has the size that works.
    """
    network = NETWORKS[style.network]
    least, classic = network.minimum_size, style.profile == "classic"
    longest_side = _longest_side(style, size)
    if longest_side is not None and longest_side > MAX_SIDE:
        message = f"style images would have {longest_side:,} pixels a side; {MAX_SIDE:,} are the most: lower it"
        raise SpecError(message, "/style/scale")
    for number, item in enumerate(style.images):
        if item.image not in image_sizes:
            continue
        height, width = image_sizes[item.image]
        given, longest = longest_side, max(height, width)
        # Only a classic one that names a size, or one of a scale, is enlarged.
        resized = given is not None and (classic or style.scale is not None or given < longest)
        scale = given / longest if given is not None and resized else 1.0
        # The original cuts a size's fraction off.
        side = min(height, width) * scale
        if (int(side) if classic else round(side)) < least:
            message = (
                f"the style image is {height} x {width}, looked at with a longest side of {longest * scale:.0f}; "
                f"{network.name} needs {least} x {least} pixels at least: send a larger one, "
                f"or raise style.{'max_size' if style.scale is None else 'scale'}"
            )
            raise SpecError(message, f"/style/images/{number}/image")


def check_masks(style: StyleSpec, size: Size, coverages: Mapping[str, float]) -> None:
    """Refuse a mask that leaves a style less than the smallest picture that the network could look at.

    Raises:
        SpecError: the message has the area that works.
    """
    network = NETWORKS[style.network]
    least = network.minimum_size**2
    for number, mask in enumerate(style.masks):
        white = coverages[mask.image]
        area = (1.0 - white if mask.invert else white) * size[0] * size[1]
        if area < least:
            message = (
                f"the mask leaves {area:.0f} of {size[0] * size[1]} pixels; {network.name} needs {least} at least: "
                "make its white parts larger" + (" (inverted: its black parts)" if mask.invert else "")
            )
            raise SpecError(message, f"/style/images/{number}/mask")


def _distinct_masks(spec: StyleSpec) -> tuple[StyleMask, ...]:
    return tuple(dict.fromkeys(spec.masks))


def _longest_side(style: StyleSpec, size: Size) -> int | None:
    """The longest side at which a style image is looked at; None as it comes."""
    return style.max_size if style.scale is None else max(1, round(style.scale * max(size)))


def _weighted_layers(
    network: NetworkCard, wanted: str | Sequence[int | str] | Mapping[str, float], pointer: str
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The names of the layers wanted, and what each counts; `all` means every one."""
    listed = range(len(network.layers)) if isinstance(wanted, str) else tuple(wanted)
    named = isinstance(wanted, Mapping)
    weights = tuple(wanted.values()) if named else (1.0,) * len(listed)
    places = (pointer + pointer_to((layer if named else number,)) for number, layer in enumerate(listed))
    numbers = (network.index(layer, place) for layer, place in zip(listed, places, strict=True))
    return tuple(network.layers[number].name for number in numbers), weights
