"""The judge of paintings: how far a picture is from a content and from a style, whoever painted it."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from worker.engine.descent import compiled_losses
from worker.engine.image import Image
from worker.engine.losses import Lens
from worker.engine.networks import Network
from worker.engine.profile import MODERN_STYLE
from worker.engine.style_settings import StyleSettings
from worker.engine.targets import LayerShares, Models, build_targets


@dataclass(frozen=True)
class Losses:
    """How far a picture is from a content, from a style and from calm, each over a scale of its own."""

    content: float
    style: float
    denoise: float

    def weighed(self, settings: StyleSettings) -> float:
        """Their sum as the settings weigh them."""
        return float(np.dot((self.content, self.style, self.denoise), settings.weights))


@dataclass(frozen=True, eq=False)
class Judge:
    """Looks at pictures as modern does with its default layers.

    Attributes:
        network: what looks.
        content: what was to be painted.
        style: what it was to be painted like.
    """

    network: Network
    content: Image
    style: Image

    def __call__(self, image: Image) -> Losses:
        """The losses of an image of the content's size."""
        settings = StyleSettings()
        lens = Lens(self.network, MODERN_STYLE, settings.content_layers, settings.style_layers)
        shares = LayerShares(settings.content_shares, settings.style_shares)
        targets = build_targets(lens, Models(self.content, [(self.style, 1.0)]), shares, settings.memory_gib)
        return Losses(*(float(loss) for loss in compiled_losses(lens)(tf.constant(image), targets)))
