"""What stages need of a worker and not every worker has."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Equipment:
    """What a worker has, what all workers have, or what a stage needs.

    Attributes:
        networks: names of those whose weights are at hand.
        extras: names of the optional dependencies that are installed, such as `video`.
    """

    networks: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()

    def covers(self, needed: "Equipment") -> bool:
        """Whether all that is needed is here."""
        return set(needed.networks) <= set(self.networks) and set(needed.extras) <= set(self.extras)
