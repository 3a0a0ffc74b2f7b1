"""A figure beside its target."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

Bound: TypeAlias = Literal["at least", "more than", "at most", "less than"]

KEEPS: Mapping[Bound, Callable[[float, float], bool]] = MappingProxyType(
    {"at least": operator.ge, "more than": operator.gt, "at most": operator.le, "less than": operator.lt}
)


@dataclass(frozen=True)
class Target:
    """The bound that a figure must keep."""

    bound: Bound
    limit: float

    def holds(self, figure: float) -> bool:
        """Whether the figure keeps the bound; NaN keeps none."""
        return KEEPS[self.bound](figure, self.limit)

    def __str__(self) -> str:
        """Such as `at least 2`."""
        return f"{self.bound} {self.limit:g}"


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
