"""The table of steps by size, precision and depth of the layer."""

import statistics
from collections.abc import Iterator, Sequence

from shared.settings import Settings
from shared.spec.dream import DreamSpec
from worker.bench.speed.course import DREAMER, PAINTER
from worker.bench.speed.stopwatch import seconds_of
from worker.bench.timing import Timing
from worker.engine.arithmetic import arithmetic_here
from worker.engine.device import configure_device
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import noise
from worker.engine.networks import Network
from worker.stages.networks import NetworkShelf

SEED = 7
TILE_SIZE = DreamSpec().tile_size
ROUNDS = 3
# A step as long as this needs no second one to be believed.
LONG_SECONDS = 3.0


def timings(settings: Settings, sides: Sequence[int]) -> Iterator[Timing]:
    """A shallow, a middle and a deep layer of two networks, in float32 and in what the device is faster at.

    Mixed precision is left out where bfloat16 is emulated: it would only tell how slow that is.
    """
    configure_device(settings.worker.threads)
    shelf = NetworkShelf(settings.weights, arithmetic_here().precision)
    for name in (DREAMER, PAINTER):
        exact, best = shelf.take(name, mixed=False), shelf.take(name, mixed=True)
        for network in (exact,) if best is exact else (exact, best):
            yield from network_timings(network, sides)


def network_timings(network: Network, sides: Sequence[int]) -> Iterator[Timing]:
    """Every layer at every size, smallest first, tiled as in a stage."""
    for layer in depths(network):
        for side in sorted(sides):
            settings = DreamSettings((DreamedLayer(layer),), repeats=0, unit_steps=1, tile_size=TILE_SIZE)
            yield _timing(Dream(network, settings, noise((side, side), SEED), SEED), layer, side)


def depths(network: Network) -> tuple[str, str, str]:
    """A shallow, a middle and a deep layer."""
    layers = network.layers
    return layers[1], layers[len(layers) // 2], layers[-1]


def _timing(dream: Dream, layer: str, side: int) -> Timing:
    begun = dream.begin()
    seconds = [seconds_of(lambda: dream.advance(begun)) for _ in range(2)]
    if seconds[1] < LONG_SECONDS:
        seconds += [seconds_of(lambda: dream.advance(begun)) for _ in range(ROUNDS - 1)]
    network = dream.network
    return Timing(network.name, layer, network.precision, side, seconds[0], statistics.median(seconds[1:]))
