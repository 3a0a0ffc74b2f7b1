"""A quality figure beside its target."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Target:
    """The bound that a figure must keep."""

    bound: Literal["at least", "at most"]
    limit: float

    def holds(self, figure: float) -> bool:
        """Whether the figure keeps the bound; NaN keeps none."""
        return figure >= self.limit if self.bound == "at least" else figure <= self.limit


@dataclass(frozen=True)
class Figure:
    """What was measured.

    Attributes:
        id: as the table of figures has it, such as `D1`.
        what: what the figure tells, with its unit if it has one.
        figure: the value measured.
        target: what it must be.
    """

    id: str
    what: str
    figure: float
    target: Target

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.target.holds(self.figure)
