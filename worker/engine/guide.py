"""The guide: a picture towards whose features a dream is pulled."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.image import Image
from worker.engine.networks import Network
from worker.engine.profile import DreamProfile


def guide_features(
    network: Network, layers: Sequence[str], image: Image, profile: DreamProfile
) -> dict[str, NDArray[np.float32]]:
    """What the layers see in a guide image, fed as the dream is: `(positions, channels)` each."""
    seen = network.activations(tf.constant(image)[None], tuple(layers), profile.feed, profile.padding)
    return {layer: activations.numpy().reshape(-1, network.channels(layer)) for layer, activations in seen.items()}
