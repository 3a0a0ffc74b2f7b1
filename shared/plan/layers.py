"""Which layers and channels a dream goes through, and which network it uses."""

import random
from collections.abc import Sequence

from shared.errors import NoNetworkKnownError, SpecError
from shared.networks import NETWORKS, NetworkCard
from shared.plan.seeds import derived_seed
from shared.spec.dream import ChannelChoice, DreamSpec

MAX_FRAMES = 64


def chosen_network(wanted: str, available: Sequence[str]) -> NetworkCard:
    """The network of that name, or for `auto` the first in NETWORKS that a worker has."""
    if wanted != "auto":
        return NETWORKS[wanted]
    for name, card in NETWORKS.items():
        if name in available:
            return card
    raise NoNetworkKnownError(
        "network auto: no worker has reported which networks it has; start a worker, or name a network: "
        + ", ".join(NETWORKS)
    )


def dreamed_layers(spec: DreamSpec, network: NetworkCard) -> tuple[str, ...]:
    """The names of the layers, in the order in which they are dreamed."""
    pointer = "/dream/layers"
    wanted = spec.layers if spec.layers is not None else "{}..{}".format(*network.chain)
    if isinstance(wanted, str):
        first, dots, last = wanted.partition("..")
        start = network.index(first.strip(), pointer)
        stop = network.index(last.strip(), pointer) if dots else start
        if stop < start:
            raise SpecError(f"the range {wanted!r} runs backward; write {last}..{first}, or a list", pointer)
        numbers = list(range(start, stop + 1))
    else:
        numbers = [network.index(layer, f"{pointer}/{i}") for i, layer in enumerate(wanted)]
    return tuple(network.layers[number].name for number in numbers)


def chosen_channels(
    choice: ChannelChoice | None, network: NetworkCard, layer: str, seed: int, stage_id: str
) -> tuple[int, ...] | None:
    """The channels of one layer that are amplified, in rising order; None means all."""
    if choice is None:
        return None
    number = network.index(layer)
    width = network.layers[number].channels
    if choice.random is not None:
        if number < network.index(choice.random.from_layer, "/dream/channels/random/from_layer"):
            return None
        drawn = random.Random(derived_seed(seed, f"{stage_id}/channels"))
        return tuple(sorted(drawn.sample(range(width), choice.random.size(width))))
    picked = choice.only or tuple(range(choice.slice.start, choice.slice.stop) if choice.slice else ())
    _check_channels(picked, width, f"{network.name} {layer}")
    return tuple(sorted(set(picked)))


def _check_channels(picked: Sequence[int], width: int, where: str) -> None:
    """Refuse a choice that names no channel, or one that the layer does not have."""
    if not picked:
        raise SpecError("the slice is empty: stop must be above start", "/dream/channels")
    if max(picked) >= width:
        raise SpecError(f"{where} has channels 0 to {width - 1}; got {max(picked)}", "/dream/channels")
