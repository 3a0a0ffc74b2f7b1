"""Where a style transfer stands, as a record or as the arrays of a checkpoint."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.engine.computation import Arrays
from worker.engine.descent import Mixture
from worker.engine.optimizer import OPTIMIZERS, OptimizerName
from worker.engine.outcome import Kept

# Before the names of what the optimizer remembers.
MEMORY = "memory_"


@dataclass(frozen=True, eq=False)
class StyleState:
    """Where a style transfer stands.

    Attributes:
        step: steps made, and those that a level left out because it stood still.
        mixture: the picture, the factors of its losses, what the optimizer remembers, the picture kept; NumPy arrays.
        trace: each step's number, and content, style and denoise loss before it; after the last one more row for what
            is returned, where losses can be compared from step to step.
    """

    step: int
    mixture: Mixture
    trace: NDArray[np.float64]


def packed(state: StyleState) -> dict[str, NDArray[Any]]:
    """The state as arrays."""
    mixture = state.mixture
    memory = {f"{MEMORY}{name}": array for name, array in mixture.memory._asdict().items()}
    return {
        "step": np.array(state.step, np.int64),
        "image": mixture.image,
        "factors": mixture.factors,
        "kept_image": mixture.kept.image,
        "kept_loss": mixture.kept.loss,
        "trace": state.trace,
        **memory,
    }


def unpacked(arrays: Arrays, optimizer: OptimizerName) -> StyleState:
    """The state of a run with this optimizer that `packed` put away."""
    put_away = {name: np.asarray(array) for name, array in arrays.items()}
    memory_type = OPTIMIZERS[optimizer].memory
    memory = memory_type(**{name: put_away[f"{MEMORY}{name}"] for name in memory_type._fields})
    kept = Kept(put_away["kept_image"], put_away["kept_loss"])
    mixture = Mixture(put_away["image"], put_away["factors"], memory, kept)
    return StyleState(int(put_away["step"]), mixture, put_away["trace"])
