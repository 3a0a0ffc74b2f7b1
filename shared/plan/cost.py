"""What stages cost, in megapixel-steps: one update of a million pixels."""

from shared.plan.parameters import AnimateParameters, DreamParameters, StyleParameters

Size = tuple[int, int]

# A picture of an animation takes about as long as this share of a dream's step.
PICTURE_SHARE = 0.1
# How the engine deals a style's steps out to its levels (worker/engine/levels.py).
LEVEL_FACTOR = 0.6
LEVEL_STEPS_SHARE = 0.4


def megapixels(size: Size) -> float:
    """The area of a picture in millions of pixels."""
    return size[0] * size[1] / 1e6


def fitted(size: Size, max_size: int | None) -> Size:
    """The size of a picture once its longest side is at most `max_size`; never larger than it was."""
    height, width = size
    if max_size is None or max(size) <= max_size:
        return size
    scale = max_size / max(size)
    return max(1, round(height * scale)), max(1, round(width * scale))


def animate_work(parameters: AnimateParameters, size: Size, frames: int) -> float:
    """Every picture is blended and encoded once, as worker/engine/timeline.py counts them."""
    animation = parameters.animation
    forth = frames + (frames - 1) * animation.crossfade
    pictures = max(forth, 2 * forth - 2) if animation.bounce else forth
    return PICTURE_SHARE * megapixels(size) * pictures


def dream_work(parameters: DreamParameters, size: Size) -> float:
    """Steps at every level, each level smaller by the square of the factor, and the looks of the survey."""
    ratio = parameters.rescale_factor**2
    levels = sum(ratio**level for level in range(parameters.repeats + 1))
    weighed = len(parameters.layers) if len(parameters.layers) > 1 else 0
    looks = weighed + any(layer.strongest is not None for layer in parameters.layers)
    return megapixels(size) * (parameters.iterations * levels + looks)


def style_work(parameters: StyleParameters, size: Size) -> float:
    """Most steps are made at the small levels; a step of style costs about three of dream, with its many layers."""
    finest_first = range(parameters.levels)
    shares = [LEVEL_STEPS_SHARE**-level for level in finest_first]
    area = sum(share * LEVEL_FACTOR ** (2 * level) for level, share in zip(finest_first, shares, strict=True))
    return 3 * megapixels(size) * parameters.iterations * area / sum(shares)
