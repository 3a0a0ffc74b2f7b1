"""Which layers and channels a dream goes through, and which network it uses."""

import itertools
import random
from collections.abc import Mapping, Sequence

from shared.errors import NoNetworkKnownError, SpecError
from shared.networks import NETWORKS, NetworkCard
from shared.spec.dream import ChannelChoice, DreamSpec
from shared.spec.pointer import pointer_to

Mix = Mapping[str, float]
"""The names of layers that are dreamed at once, in the network's order, each with its weight; the heaviest has 1."""


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


def dreamed_layers(spec: DreamSpec, network: NetworkCard) -> tuple[Mix, ...]:
    """The layers of every frame, in the order in which they are dreamed; an endless dream takes them in turn."""
    mixes = _named_layers(spec, network)
    return tuple(itertools.islice(itertools.cycle(mixes), spec.endless.frames)) if spec.endless else mixes


def _named_layers(spec: DreamSpec, network: NetworkCard) -> tuple[Mix, ...]:
    """The layers that a spec names, or the network's own."""
    pointer = "/dream/layers"
    own = str(network.endless) if spec.endless else "{}..{}".format(*network.chain)
    wanted = spec.layers if spec.layers is not None else own
    if isinstance(wanted, str):
        first, dots, last = wanted.partition("..")
        start = network.index(first.strip(), pointer)
        stop = network.index(last.strip(), pointer) if dots else start
        if stop < start:
            raise SpecError(f"the range {wanted!r} runs backward; write {last}..{first}, or a list", pointer)
        return tuple({network.layers[number].name: 1.0} for number in range(start, stop + 1))
    mixes = [entry if isinstance(entry, dict) else {entry: 1.0} for entry in wanted]
    return tuple(_mix(entry, network, f"{pointer}/{number}") for number, entry in enumerate(mixes))


def chosen_channels(
    choice: ChannelChoice | None, network: NetworkCard, layer: str, seed: int
) -> tuple[int, ...] | None:
    """The channels of one layer that are amplified, in rising order; the seed draws random ones.

    None means all, or those that the start picture will tell.
    """
    if choice is None or choice.strongest is not None:
        return None
    number = network.index(layer)
    width = network.layers[number].channels
    if choice.random is not None:
        if number < network.index(choice.random.from_layer, "/dream/channels/random/from_layer"):
            return None
        count = choice.random.size(width)
        _check_count(count, width, f"{network.name} {layer}", "/dream/channels/random/count")
        return tuple(sorted(random.Random(seed).sample(range(width), count)))
    picked = choice.only or tuple(range(choice.slice.start, choice.slice.stop) if choice.slice else ())
    _check_channels(picked, width, f"{network.name} {layer}")
    return tuple(sorted(set(picked)))


def strongest_channels(choice: ChannelChoice | None, network: NetworkCard, layer: str) -> int | None:
    """How many channels of one layer are to be found in the start picture; None where that is not asked for."""
    if choice is None or choice.strongest is None:
        return None
    width = network.layers[network.index(layer)].channels
    _check_count(choice.strongest, width, f"{network.name} {layer}", "/dream/channels/strongest")
    return choice.strongest


def _mix(weights: Mapping[int | str, float] | Mapping[str, float], network: NetworkCard, pointer: str) -> Mix:
    """Layers and weights in the one form that all specs of the same mix share, so that they share its pictures."""
    found: dict[int, float] = {}
    for layer, weight in weights.items():
        # In a list a layer stands alone, and is its own place.
        number = network.index(layer, pointer if len(weights) == 1 else pointer + pointer_to((layer,)))
        if number in found:
            raise SpecError(f"{network.layers[number].name} is named twice; give it one weight", pointer)
        found[number] = weight
    heaviest = max(found.values())
    return {network.layers[number].name: found[number] / heaviest for number in sorted(found) if found[number]}


def _check_count(count: int, width: int, where: str, pointer: str) -> None:
    """Refuse more channels than the layer has."""
    if count > width:
        raise SpecError(f"{where} has {width} channels; got {count}", pointer)


def _check_channels(picked: Sequence[int], width: int, where: str) -> None:
    """Refuse a choice that names no channel, or one that the layer does not have."""
    if not picked:
        raise SpecError("the slice is empty: stop must be above start", "/dream/channels")
    if max(picked) >= width:
        raise SpecError(f"{where} has channels 0 to {width - 1}; got {max(picked)}", "/dream/channels")
