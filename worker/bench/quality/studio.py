"""The studio: the trained networks, and the pictures, that quality figures are measured on."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from shared.presets.catalogue import PICTURES
from shared.settings import WeightsSettings
from worker.engine.image import Image, decode_png, fit, to_bytes
from worker.engine.networks import Network
from worker.engine.precision import Precision
from worker.stages.networks import NetworkShelf

PictureName: TypeAlias = Literal["cat", "coffee", "painting"]


@dataclass(frozen=True, eq=False)
class Studio:
    """What quality figures are measured on; a network is loaded when it is wanted for the first time.

    Attributes:
        weights: where the trained networks come from.
        precision: what pictures are made in.
    """

    weights: WeightsSettings
    precision: Precision = "float32"

    @property
    def googlenet(self) -> Network:
        """What dreams.

        Raises:
            WeightsUnavailableError: its weights are not at hand.
        """
        return self._shelf.take("googlenet", mixed=True)

    @property
    def vgg16(self) -> Network:
        """What paints.

        Raises:
            WeightsUnavailableError: its weights are not at hand.
        """
        return self._shelf.take("vgg16", mixed=True)

    def judge(self, name: str) -> Network:
        """The network of that name in float32: what looks at a picture, whatever made it.

        Raises:
            WeightsUnavailableError: its weights are not at hand.
        """
        return self._shelf.take(name, mixed=False)

    def picture(self, name: PictureName, side: int) -> Image:
        """A preset's picture, so many pixels on its longer side."""
        return fit(decode_png((PICTURES / f"{name}.jpg").read_bytes()), side)

    @cached_property
    def _shelf(self) -> NetworkShelf:
        return NetworkShelf(self.weights, self.precision)


def saved(image: Image) -> Image:
    """The picture as its PNG has it: whole levels of 0..255."""
    return to_bytes(image).astype(np.float32)
