"""The studio: the trained networks that quality figures are measured on."""

from dataclasses import dataclass
from functools import cached_property

from shared.settings import WeightsSettings
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

    @cached_property
    def _shelf(self) -> NetworkShelf:
        return NetworkShelf(self.weights, "float32")
