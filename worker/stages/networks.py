"""Keeps the networks that a process has loaded."""

from shared.settings import WeightsSettings
from worker.engine.networks import Network, build_network
from worker.weights.library import load


class NetworkShelf:
    """Every network is read and built once a process."""

    def __init__(self, settings: WeightsSettings) -> None:
        self._settings = settings
        self._networks: dict[str, Network] = {}

    def take(self, name: str) -> Network:
        """The network of that name, fetched and loaded when it is wanted for the first time."""
        if name not in self._networks:
            self._networks[name] = build_network(name, load(name, self._settings))
        return self._networks[name]
