"""Where a style transfer stands, as a record or as the arrays of a checkpoint."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.engine.computation import Arrays
from worker.engine.descent import Mixture
from worker.engine.optimizer import Moments


@dataclass(frozen=True, eq=False)
class StyleState:
    """Where a style transfer stands.

    Attributes:
        step: steps made.
        mixture: the picture, the factors of its losses, the optimizer's memory, the best picture so far; NumPy arrays.
        trace: content, style and denoise loss before each step; after the last one more row where the best is kept.
    """

    step: int
    mixture: Mixture
    trace: NDArray[np.float64]


def packed(state: StyleState) -> dict[str, NDArray[Any]]:
    """The state as arrays."""
    mixture = state.mixture
    return {
        "step": np.array(state.step, np.int64),
        "image": mixture.image,
        "factors": mixture.factors,
        "first_moment": mixture.moments.first,
        "second_moment": mixture.moments.second,
        "best_image": mixture.best_image,
        "best_loss": mixture.best_loss,
        "trace": state.trace,
    }


def unpacked(arrays: Arrays) -> StyleState:
    """The state that `packed` put away."""
    put_away = {name: np.asarray(array) for name, array in arrays.items()}
    moments = Moments(put_away["first_moment"], put_away["second_moment"])
    mixture = Mixture(put_away["image"], put_away["factors"], moments, put_away["best_image"], put_away["best_loss"])
    return StyleState(int(put_away["step"]), mixture, put_away["trace"])
