"""What an optimizer is told of a step: where the picture stands, and how far a step may go."""

from typing import Any, NamedTuple


class Slope(NamedTuple):
    """The picture before a step, and the gradient of its loss there; both `(height, width, 3)`."""

    image: Any
    gradient: Any


class Pace(NamedTuple):
    """Where a step stands: its number from 0, the number of all steps, and the first step's size in levels."""

    step: Any
    steps: Any
    size: Any
