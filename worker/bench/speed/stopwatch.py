"""Seconds that works take, taken side by side."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Work: TypeAlias = Callable[[], object]


@dataclass(frozen=True)
class Laps:
    """What a work took, in seconds.

    Attributes:
        first: the first time, in which it may be compiled.
        rounds: after that, one a round.
    """

    first: float
    rounds: tuple[float, ...]

    @property
    def usual(self) -> float:
        """The median of its rounds."""
        return statistics.median(self.rounds)

    def over(self, other: "Laps") -> float:
        """How many times as long it took as the other: the median of what each round tells."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return statistics.median(one / another for one, another in pairs)


def side_by_side(works: Mapping[str, Work], rounds: int) -> dict[str, Laps]:
    """The laps of every work, each done once a round: whatever else the machine has to do meets all of them.

    Args:
        works: what to do, by name.
        rounds: that count, 1 or more; one before them does not.
    """
    laps = [{name: seconds_of(work) for name, work in works.items()} for _ in range(rounds + 1)]
    return {name: _laps([lap[name] for lap in laps]) for name in works}


def seconds_of(work: Work) -> float:
    """What a work takes, once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _laps(seconds: Sequence[float]) -> Laps:
    return Laps(seconds[0], tuple(seconds[1:]))
