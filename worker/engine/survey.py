"""The survey: what a dream reads off its start picture before its first step."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.ascent import Ascent
from worker.engine.computation import SurveyedLayer
from worker.engine.dream_settings import DreamSettings
from worker.engine.image import Image
from worker.engine.networks import Network
from worker.engine.objectives import Aim, Objective
from worker.engine.response import responses, strongest

Features: TypeAlias = Mapping[str, NDArray[np.float32]]
NO_GUIDE: Features = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Survey:
    """What holds for the whole dream, in all its octaves and tiles.

    Attributes:
        strengths: `(layers,)` float32, what each layer's measure is multiplied by.
        channels: of the layers of which only some channels count, these, in rising order.
    """

    strengths: NDArray[np.float32]
    channels: Mapping[str, NDArray[np.int32]]

    def aim(self, guides: Features) -> Aim:
        """The survey as an objective is told it, with what the layers see in a guide."""
        channels = {layer: tf.constant(chosen, tf.int32) for layer, chosen in self.channels.items()}
        narrowed = {
            layer: tf.constant(seen[:, self.channels[layer]] if layer in self.channels else seen)
            for layer, seen in guides.items()
        }
        return Aim(tf.constant(self.strengths), channels, narrowed)

    def told(self, layers: Sequence[str]) -> dict[str, SurveyedLayer]:
        """The survey as results tell it; `layers` are those of the dream, in its order."""
        return {
            layer: SurveyedLayer(float(strength), self._chosen(layer))
            for layer, strength in zip(layers, self.strengths, strict=True)
        }

    def _chosen(self, layer: str) -> tuple[int, ...] | None:
        return tuple(int(channel) for channel in self.channels[layer]) if layer in self.channels else None


def survey(network: Network, settings: DreamSettings, image: Image, guides: Features = NO_GUIDE) -> Survey:
    """The survey of a start picture, which is looked at only for channels to be found and layers to be weighed."""
    channels = _channels(network, settings, image)
    even = Survey(np.ones(len(settings.layers), np.float32), channels)
    if len(settings.layers) == 1:
        return even
    weights = [layer.weight for layer in settings.layers]
    return replace(even, strengths=strengths(weights, _slopes(ascent_of(network, settings, even, guides), image)))


def ascent_of(network: Network, settings: DreamSettings, seen: Survey, guides: Features = NO_GUIDE) -> Ascent:
    """How a dream is climbed, once its start picture is surveyed."""
    return Ascent(
        network=network,
        objective=Objective(settings.names, settings.objective, tuple(seen.channels)),
        aim=seen.aim(guides),
        profile=settings.profile,
        iterations=settings.iterations,
        step_size=settings.step_size,
        tile_size=settings.tile_size,
    )


def strengths(weights: Sequence[float], slopes: Sequence[float]) -> NDArray[np.float32]:
    """What each layer's measure is multiplied by, so that at the start it moves the picture as far as its weight says.

    Unscaled, the layer that happens to have the largest numbers would drown the others.

    Args:
        weights: of the layers, 0 or more.
        slopes: standard deviation of each layer's own gradient at the start picture; 0 where a layer sees nothing,
            which then counts as if it had the steepest.

    Returns:
        The heaviest layer's is 1.
    """
    steepest = max(slopes) or 1.0
    pulls = [weight / (slope or steepest) for weight, slope in zip(weights, slopes, strict=True)]
    return (np.array(pulls) / pulls[int(np.argmax(weights))]).astype(np.float32)


def _slopes(ascent: Ascent, image: Image) -> list[float]:
    """The standard deviation of every layer's own gradient."""
    # Only steps normalise each tile by itself; what is compared here is the whole picture's.
    whole = replace(ascent, profile=replace(ascent.profile, whole_gradient=True))
    alone = np.eye(len(ascent.objective.layers), dtype=np.float32)
    looks = (replace(whole, aim=ascent.aim._replace(strengths=tf.constant(one))) for one in alone)
    return [float(np.std(look.gradient(image, random.Random(0))[1])) for look in looks]


def _channels(network: Network, settings: DreamSettings, image: Image) -> dict[str, NDArray[np.int32]]:
    """The channels that were named, and those that are found."""
    sought = tuple(layer.name for layer in settings.layers if layer.strongest is not None)
    seen = responses(network, sought, image, settings.profile, settings.tile_size) if sought else {}
    chosen: dict[str, NDArray[np.int32]] = {}
    for layer in settings.layers:
        if layer.channels is not None:
            chosen[layer.name] = np.array(layer.channels, np.int32)
        elif layer.strongest is not None:
            chosen[layer.name] = strongest(seen[layer.name], layer.strongest)
    return chosen
