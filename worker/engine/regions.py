"""Regions: the parts of a picture that have styles of their own (Gatys et al., 2017, spatial control)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL.Image import Resampling

from worker.engine.colors import luma
from worker.engine.image import Image, Size

Mask: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Regions:
    """Where each style holds.

    Attributes:
        masks: one a region, `(height, width)` of any size, 0 outside to 1 inside; they may be soft, and may overlap.
        of_styles: for every style image the number of its region; those of one region are blended there.
    """

    masks: tuple[Mask, ...]
    of_styles: tuple[int, ...]

    def areas(self, size: Size) -> tuple[float, ...]:
        """Pixels of a picture of this size that each region covers."""
        return tuple(float(mask.mean()) * size[0] * size[1] for mask in self.masks)

    def pulls(self, weights: Sequence[float]) -> tuple[float, ...]:
        """How much each region's loss counts, 1 on average: every pixel is pulled alike but for its styles' weights."""
        heavy = np.zeros(len(self.masks))
        np.add.at(heavy, list(self.of_styles), weights)
        pulls = heavy * self.areas((1, 1))
        return tuple(float(pull) for pull in pulls / pulls.mean())


def mask_of(image: Image, *, inverted: bool) -> Mask:
    """A mask that is 1 where the image is white (or black, when inverted)."""
    inside = luma(image)[:, :, 0] / 255.0
    return np.clip(1.0 - inside if inverted else inside, 0.0, 1.0).astype(np.float32)


def guides(masks: Sequence[Mask], size: Size, stride: int) -> NDArray[np.float32]:
    """What a layer's activations are multiplied by, so that their Gram matrix is the mean over a region.

    Args:
        masks: one a region.
        size: of the picture that the layer looks at.
        stride: of the layer, in pixels.

    Returns:
        `(regions, height / stride, width / stride, 1)`, rounded up: roots of the masks over their sums.
    """
    positions = (-(-size[1] // stride), -(-size[0] // stride))
    # The window of a bilinear resize grows with its factor, and it makes no negative values.
    shrunk = (np.asarray(PIL.Image.fromarray(mask).resize(positions, Resampling.BILINEAR)) for mask in masks)
    return np.stack([np.sqrt(mask / mask.sum())[:, :, None] for mask in shrunk]).astype(np.float32)
