"""Keeps the networks that a process has loaded."""

from shared.settings import WeightsSettings
from worker.engine.networks import Network, build_network
from worker.engine.precision import Precision
from worker.weights.loading import load


class NetworkShelf:
    """Every network is read and built once a process and precision."""

    def __init__(self, settings: WeightsSettings, precision: Precision) -> None:
        self._settings = settings
        self._precision: Precision = precision
        self._networks: dict[tuple[str, Precision], Network] = {}

    def take(self, name: str, *, mixed: bool) -> Network:
        """The network of that name, fetched and loaded when it is wanted for the first time.

        Args:
            name: the network's.
            mixed: whether it may be computed in mixed precision, where the device is fastest at it.
        """
        wanted = name, self._precision if mixed else "float32"
        if wanted not in self._networks:
            self._networks[wanted] = build_network(name, load(name, self._settings), wanted[1])
        return self._networks[wanted]
