"""Where a style transfer stands, as a record or as the arrays of a checkpoint."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf
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


def extended(trace: NDArray[np.float64], first: int, losses: NDArray[np.float32]) -> NDArray[np.float64]:
    """The trace with the losses before the steps from `first` on."""
    steps = np.arange(first, first + len(losses), dtype=np.float64)
    return np.concatenate([trace, np.column_stack([steps, losses]).astype(np.float64)])


def slim(state: StyleState) -> StyleState:
    """A finished state without what only further steps would need."""
    mixture = state.mixture
    image, memory = tf.nest.map_structure(lambda array: array[:0].copy(), (mixture.image, mixture.memory))
    return replace(state, mixture=mixture._replace(image=image, memory=memory))


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
