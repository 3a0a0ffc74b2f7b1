"""What stages cost, in megapixel-steps: one update of a million pixels."""

from shared.plan.parameters import AnimateParameters, DreamParameters, StageParameters, StyleParameters
from shared.plan.size import Size, area, megapixels
from shared.plan.tiles import style_tile

# A picture of an animation takes about as long as this share of a dream's step.
PICTURE_SHARE = 0.1
# How the engine deals a style's steps out to its levels (worker/engine/levels.py).
LEVEL_FACTOR = 0.6
LEVEL_STEPS_SHARE = 0.4
# In tiles, Grams are added up first: a pass forward before the one forward and back, which takes twice or three times
# as long.
TILED_LOOKS = 1.4


def stage_work(parameters: StageParameters, size: Size, inputs: int) -> float:
    """What a stage that makes frames of this size costs, with so many pictures to read."""
    if isinstance(parameters, DreamParameters):
        return dream_work(parameters, size)
    if isinstance(parameters, StyleParameters):
        return style_work(parameters, size)
    return animate_work(parameters, size, inputs)


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
    """Most of a frame's steps are made at small levels; a step of style, with its many layers, costs three of dream."""
    finest_first = range(parameters.levels)
    shares = [LEVEL_STEPS_SHARE**-level for level in finest_first]
    scales = [LEVEL_FACTOR**level for level in finest_first]
    looked = [share * _looked_at(parameters, size, scale) for share, scale in zip(shares, scales, strict=True)]
    return len(parameters.seeds) * 3 * parameters.iterations * sum(looked) / sum(shares)


def _looked_at(parameters: StyleParameters, size: Size, scale: float) -> float:
    """Megapixels that a step at a level looks at: its own, or, in tiles, their halos too, and all once more forward."""
    level = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    tile = style_tile(parameters, level)
    if tile.seen == level:
        return megapixels(level)
    return TILED_LOOKS * megapixels(level) * area(tile.seen) / area(tile.own)
