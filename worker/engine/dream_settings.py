"""What a dream can be told: which layers, and how they are climbed."""

import math
from dataclasses import dataclass

from worker.engine.errors import SettingsError
from worker.engine.networks import Network
from worker.engine.objectives import Measure
from worker.engine.profile import MODERN_DREAM, DreamProfile


@dataclass(frozen=True)
class DreamedLayer:
    """A layer whose activations grow.

    Attributes:
        name: the layer's.
        weight: how far it moves the picture beside the dream's other layers, 0 or more.
        channels: only these channels of it; None for all.
        strongest: only so many channels of it, those that respond most to the start picture; None for all.
    """

    name: str
    weight: float = 1.0
    channels: tuple[int, ...] | None = None
    strongest: int | None = None

    def check(self, network: Network) -> None:
        """Refuse a layer or channel that the network does not have.

        Raises:
            UnknownLayerError: no such layer.
            SettingsError: no such channel, none at all, or channels both named and to be found.
        """
        count = network.channels(self.name)
        if self.channels is not None and self.strongest is not None:
            raise SettingsError("channels", self.channels, "channels or strongest, not both")
        if self.channels is not None and not (self.channels and all(0 <= channel < count for channel in self.channels)):
            raise SettingsError("channels", self.channels, f"one or more of 0..{count - 1} in {self.name}")
        if self.strongest is not None and not 1 <= self.strongest <= count:
            raise SettingsError("strongest", self.strongest, f"1 to {count} in {self.name}")


@dataclass(frozen=True)
class DreamSettings:
    """What to dream.

    Attributes:
        layers: the layers whose activations grow together, each named once.
        objective: the measure of them that grows.
        iterations: steps at every octave, 1 or more.
        step_size: standard deviation of one step in levels of 0..255, above 0.
        repeats: octaves below the image's own size, 0 or more.
        rescale_factor: size of an octave over the next larger one, above 0 and below 1.
        blend: share of the undreamed image in an octave's start, 0..1.
        tile_size: wanted side in pixels of the tiles that an image is worked on in, 32 or more.
        profile: the switches.
        unit_steps: steps between two checkpoints, 1 or more.
        hold_tone: after every octave, bring each colour's mean and contrast back to the source's; None as the profile.
    """

    layers: tuple[DreamedLayer, ...]
    objective: Measure = "mean-square"
    iterations: int = 10
    step_size: float = 3.0
    repeats: int = 4
    rescale_factor: float = 0.7
    blend: float = 0.2
    tile_size: int = 400
    profile: DreamProfile = MODERN_DREAM
    unit_steps: int = 5
    hold_tone: bool | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be computed.

        Raises:
            SettingsError: a value out of its range.
        """
        weights = [layer.weight for layer in self.layers]
        weighed = all(weight >= 0 for weight in weights) and 0 < sum(weights) < math.inf
        ranges = (
            ("layers", weighed, "one layer or several, weights 0 or more and one of them above 0"),
            ("layers", len(set(self.names)) == len(self.names), "each layer once"),
            ("iterations", self.iterations >= 1, "1 or more"),
            ("step_size", self.step_size > 0, "more than 0"),
            ("repeats", self.repeats >= 0, "0 or more"),
            ("rescale_factor", 0 < self.rescale_factor < 1, "between 0 and 1"),
            ("blend", 0 <= self.blend <= 1, "0 to 1"),
            ("tile_size", self.tile_size >= 32, "32 or more"),
            ("unit_steps", self.unit_steps >= 1, "1 or more"),
        )
        for name, held, possible in ranges:
            if not held:
                raise SettingsError(name, getattr(self, name), possible)

    @property
    def names(self) -> tuple[str, ...]:
        """The layers' names, in order."""
        return tuple(layer.name for layer in self.layers)
