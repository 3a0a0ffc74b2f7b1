"""The studio: the trained networks, and the pictures, that quality figures are measured on."""

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

import numpy as np

from deploy.examples.folder import PHOTO
from deploy.examples.painting import paint
from shared.settings import WeightsSettings
from worker.engine.image import Image, decode_png
from worker.engine.networks import Network
from worker.stages.networks import NetworkShelf


@dataclass(frozen=True, eq=False)
class Studio:
    """What quality figures are measured on; a network is loaded when it is wanted for the first time.

    Attributes:
        weights: where the trained networks come from.
    """

    weights: WeightsSettings

    @property
    def googlenet(self) -> Network:
        """What dreams.

        Raises:
            WeightsUnavailableError: its weights are not at hand.
        """
        return self._shelf.take("googlenet", mixed=False)

    @property
    def vgg16(self) -> Network:
        """What paints.

        Raises:
            WeightsUnavailableError: its weights are not at hand.
        """
        return self._shelf.take("vgg16", mixed=False)

    @cached_property
    def photo(self) -> Image:
        """The demo's photo."""
        return decode_png(files("deploy.examples").joinpath(PHOTO).read_bytes())

    def painting(self, size: tuple[int, int]) -> Image:
        """The demo's painting."""
        return np.asarray(paint(size), np.float32)

    @cached_property
    def _shelf(self) -> NetworkShelf:
        return NetworkShelf(self.weights, "float32")
