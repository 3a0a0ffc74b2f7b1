"""A plateau: the loss hardly falls any more, and a level may end before its last step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.engine.errors import SettingsError


@dataclass(frozen=True)
class Plateau:
    """When a level stands still: a window of steps in which the best loss falls by less than a share of itself.

    A level is looked at only behind whole windows, counted from its start: where it ends does not depend on how many
    steps are made in one go.

    Attributes:
        tolerance: share of the loss, above 0 and below 1.
        steps: length of the window, 1 or more.
    """

    tolerance: float
    steps: int

    def __post_init__(self) -> None:
        """Refuse what could never be reached, or always is.

        Raises:
            SettingsError: a value out of its range.
        """
        if not 0 < self.tolerance < 1:
            raise SettingsError("plateau tolerance", self.tolerance, "above 0 and below 1")
        if self.steps < 1:
            raise SettingsError("plateau steps", self.steps, "1 or more")

    def until_look(self, made: int) -> int:
        """Steps from the one numbered `made` in its level to the end of its window."""
        return self.steps - made % self.steps

    def reached(self, losses: NDArray[np.floating]) -> bool:
        """Whether the last of the windows gained too little; `losses` are those of a level so far, one a step."""
        whole = len(losses) % self.steps == 0 and len(losses) >= 2 * self.steps
        if not whole:
            return False
        before, now = losses[: -self.steps].min(), losses[-self.steps :].min()
        return bool(before - now < self.tolerance * before)
