"""The pretrained networks that dreams and styles look through."""

from worker.engine.networks.catalogue import NETWORK_NAMES, build_network
from worker.engine.networks.network import Feed, Network, Padding

__all__ = ["NETWORK_NAMES", "Feed", "Network", "Padding", "build_network"]
