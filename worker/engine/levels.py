"""Levels: the sizes that a style is painted at, coarse to fine."""

from dataclasses import dataclass

from worker.engine.image import Image, Size, resize

# Large strokes are found where they are small and cheap; the full size only sharpens them.
FACTOR = 0.6
STEPS_SHARE = 0.4
STEP_SIZE_SHARE = 0.75


@dataclass(frozen=True)
class Level:
    """One size.

    Attributes:
        number: from 0, the coarsest.
        scale: of this size over the full one, 0..1.
        size: (height, width) of the content here.
        first_step: number of its first step among all steps.
        steps: how many it has.
        step_size_share: its first step's size over the settings'.
    """

    number: int
    scale: float
    size: Size
    first_step: int
    steps: int
    step_size_share: float

    @property
    def end(self) -> int:
        """Number of the first step behind it."""
        return self.first_step + self.steps


def style_levels(size: Size, wanted: int, iterations: int, smallest: float) -> tuple[Level, ...]:
    """The levels of a picture, coarse to fine, the last of full size.

    Args:
        size: (height, width) of the content.
        wanted: levels, 1 or more; those that would be too small, or without a step, are left out.
        iterations: steps in all; each level has `STEPS_SHARE` of the steps of the one before.
        smallest: scale below which some picture would be too small.
    """
    scales = [scale for scale in (FACTOR**k for k in range(wanted)) if scale >= smallest or scale == 1.0]
    scales = scales[: max(1, iterations)][::-1]
    levels: list[Level] = []
    for number, (scale, steps) in enumerate(zip(scales, _steps(len(scales), iterations), strict=True)):
        here = size if scale == 1.0 else (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
        first = levels[-1].end if levels else 0
        levels.append(Level(number, scale, here, first, steps, STEP_SIZE_SHARE**number))
    return tuple(levels)


def scaled(image: Image, scale: float) -> Image:
    """The image made smaller by a scale of 0..1."""
    return resize(image, (max(1, round(image.shape[0] * scale)), max(1, round(image.shape[1] * scale))))


def _steps(count: int, iterations: int) -> list[int]:
    """All steps dealt out, at least one a level."""
    shares = [STEPS_SHARE**number for number in range(count)]
    finer = [max(1, round(iterations * share / sum(shares))) for share in shares[1:]]
    coarsest = iterations - sum(finer)
    return [coarsest, *finer] if coarsest >= 1 else [1] * (count - 1) + [iterations - count + 1]
