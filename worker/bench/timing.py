"""The time of a step: a row of the table by size, precision and depth."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """What a step of a dream takes.

    Attributes:
        network: what looks.
        layer: what is dreamed; the deeper, the more is computed.
        precision: of the network's convolutions.
        side: of the square picture, in pixels.
        first_seconds: of the first step, which finds nothing compiled at a layer's smallest size.
        step_seconds: of a later one.
    """

    network: str
    layer: str
    precision: str
    side: int
    first_seconds: float
    step_seconds: float

    @property
    def rate(self) -> float:
        """Megapixel-steps a second."""
        return self.side**2 / 1e6 / self.step_seconds
