"""What every long computation of the engine offers: it advances by units, reports, and can be put away and taken up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from worker.engine.errors import NotFiniteError
from worker.engine.image import Image

Arrays: TypeAlias = Mapping[str, NDArray[Any]]
State = TypeVar("State")


@dataclass(frozen=True)
class Progress:
    """How far a computation is.

    Attributes:
        steps_done: steps made.
        steps_total: steps in all.
        detail: what is being done, like `mixed4c | octave 3/5`.
    """

    steps_done: int
    steps_total: int
    detail: str


@dataclass(frozen=True)
class SurveyedLayer:
    """What the start picture told of a layer.

    Attributes:
        strength: what its measure is multiplied by.
        channels: those of it that count; None for all.
    """

    strength: float
    channels: tuple[int, ...] | None


@dataclass(frozen=True, eq=False)
class Result:
    """What a computation made.

    Attributes:
        images: one a frame; exact float32, unclipped in a classic dream; what travels on to the next stage.
        trace: one entry a step, the objective or the losses before it.
        survey: what the start picture told, by layer; nothing where it was not asked.
    """

    images: tuple[Image, ...]
    trace: tuple[dict[str, float], ...]
    survey: Mapping[str, SurveyedLayer] = field(default_factory=dict)

    @property
    def image(self) -> Image:
        """The only frame."""
        (image,) = self.images
        return image


class Computation(Protocol[State]):
    """A computation as a pure function of its state: the same state always gives the same bytes."""

    def begin(self) -> State:
        """The state before the first step."""
        ...

    def advance(self, state: State) -> State:
        """The state one unit (a few steps) later."""
        ...

    def finished(self, state: State) -> bool:
        """Whether all steps are made."""
        ...

    def progress(self, state: State) -> Progress:
        """How far the state is."""
        ...

    def preview(self, state: State) -> Image:
        """The picture as it stands, in its final size."""
        ...

    def result(self, state: State) -> Result:
        """What was made."""
        ...

    def pack(self, state: State) -> dict[str, NDArray[Any]]:
        """The state as arrays that `numpy.savez` writes without pickle."""
        ...

    def unpack(self, arrays: Arrays) -> State:
        """The state that `pack` put away, exactly."""
        ...


def carry_out(computation: Computation[State]) -> Result:
    """Advance from begin to end."""
    state = computation.begin()
    while not computation.finished(state):
        state = computation.advance(state)
    return computation.result(state)


def require_finite(values: NDArray[np.floating], where: str) -> None:
    """Stop before a broken picture travels on.

    Raises:
        NotFiniteError: a value is NaN or infinite.
    """
    if not np.isfinite(values).all():
        raise NotFiniteError(where)
