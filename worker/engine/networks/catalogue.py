"""The networks that the engine can build, by name."""

from collections.abc import Callable

from worker.engine.errors import UnknownNetworkNameError
from worker.engine.networks.convolution import Tensors, Weights
from worker.engine.networks.inception import build_googlenet, build_inception5h
from worker.engine.networks.network import Network
from worker.engine.networks.vgg16 import build_vgg16
from worker.engine.precision import Precision

BUILDERS: dict[str, Callable[[Weights], Network]] = {
    "inception5h": build_inception5h,
    "googlenet": build_googlenet,
    "vgg16": build_vgg16,
}
NETWORK_NAMES = tuple(BUILDERS)


def build_network(name: str, tensors: Tensors, precision: Precision = "float32") -> Network:
    """Build a network from its tensors (`LAYER/kernel` as height, width, in, out; `LAYER/bias`).

    Args:
        name: one of `NETWORK_NAMES`.
        tensors: its weights.
        precision: what its convolutions are computed in; what it sees is told in float32 in either case.

    Raises:
        UnknownNetworkNameError: no such network.
        WeightsMismatchError: a tensor is missing or has another shape.
    """
    if name not in BUILDERS:
        raise UnknownNetworkNameError(name, NETWORK_NAMES)
    return BUILDERS[name](Weights(name, tensors, precision))
