"""Style batch: several frames painted alike, side by side or one after the other, as one computation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from numpy.typing import NDArray

from worker.engine.computation import Arrays, Progress, Result
from worker.engine.descent import descended
from worker.engine.errors import SettingsError
from worker.engine.image import Image
from worker.engine.style import Style
from worker.engine.style_state import StyleState, slim

# A graph of more pictures takes long to trace, and a card has enough to do with fewer.
MOST_ABREAST = 16

BatchState: TypeAlias = tuple[StyleState, ...]
"""The frames begun so far, in their order."""


@dataclass(frozen=True, eq=False)
class StyleBatch:
    """Several frames, each painted as its own style would paint it.

    One after the other they become the same bytes; side by side they differ in the last digits of sums.

    Attributes:
        styles: one a frame; of one network, settings, size and styles, apart in content and seed.
        abreast: how many are painted side by side at most, 1 or more; fewer where a step would take more memory than
            their settings allow, and one where a frame needs tiles or the profile is `classic`.
    """

    styles: Sequence[Style]
    abreast: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be painted together.

        Raises:
            SettingsError: no frames, none at a time, or frames painted in different ways.
        """
        if self.abreast < 1:
            raise SettingsError("abreast", self.abreast, "1 or more")
        if len({(style.network, style.settings, style.content.shape) for style in self.styles}) != 1:
            raise SettingsError("frames of a batch", len(self.styles), "one or more, of one network, settings and size")

    def begin(self) -> BatchState:
        """The first frames, unpainted."""
        return tuple(style.begin() for style in self.styles[: self._width])

    def advance(self, state: BatchState) -> BatchState:
        """One unit of the frames furthest behind; once all begun are done, the next ones begin.

        Raises:
            NotFiniteError: a picture left the finite numbers.
        """
        if not self._unfinished(state):
            following = self.styles[len(state) : len(state) + self._width]
            return (*state, *(style.begin() for style in following))
        moved = self._moved(state, self._next(state))
        return tuple(moved.get(number, frame) for number, frame in enumerate(state))

    def finished(self, state: BatchState) -> bool:
        """Whether every frame is painted."""
        return len(state) == len(self.styles) and not self._unfinished(state)

    def progress(self, state: BatchState) -> Progress:
        """Steps of all frames."""
        number, count = self._shown(state), len(self.styles)
        own = self.styles[number].progress(state[number])
        done = sum(frame.step for frame in state)
        return Progress(done, count * own.steps_total, f"frame {number + 1}/{count} | {own.detail}")

    def preview(self, state: BatchState) -> Image:
        """The frame that is being painted, the first of several."""
        number = self._shown(state)
        style, frame = self.styles[number], state[number]
        return style.result(frame).image if style.finished(frame) else style.preview(frame)

    def result(self, state: BatchState) -> Result:
        """Every frame's picture, and the losses, each with the number of its frame."""
        results = [style.result(frame) for style, frame in zip(self.styles, state, strict=True)]
        images = tuple(image for result in results for image in result.images)
        trace = ({"frame": float(number), **entry} for number, result in enumerate(results) for entry in result.trace)
        return Result(images, tuple(trace))

    def pack(self, state: BatchState) -> dict[str, NDArray[Any]]:
        """The state as arrays, each named by its frame."""
        return {
            f"{number}/{name}": array
            for number, frame in enumerate(state)
            for name, array in self.styles[number].pack(frame).items()
        }

    def unpack(self, arrays: Arrays) -> BatchState:
        """The state that `pack` put away."""
        frames: dict[int, dict[str, NDArray[Any]]] = {}
        for name, array in arrays.items():
            number, _, own = name.partition("/")
            frames.setdefault(int(number), {})[own] = array
        return tuple(self.styles[number].unpack(frames[number]) for number in sorted(frames))

    @cached_property
    def _width(self) -> int:
        one = self.styles[0]
        most = 1 if one.settings.profile.lagged_factors else min(self.abreast, one.fitting, MOST_ABREAST)
        return _power_of_two(max(1, most))

    def _unfinished(self, state: BatchState) -> list[int]:
        return [number for number, frame in enumerate(state) if not self.styles[number].finished(frame)]

    def _shown(self, state: BatchState) -> int:
        return next(iter(self._unfinished(state)), len(state) - 1)

    def _next(self, state: BatchState) -> list[int]:
        """Frames that stand at the same step, the fewest made: those that a plateau put ahead wait for the others."""
        unfinished = self._unfinished(state)
        fewest = min(state[number].step for number in unfinished)
        behind = [number for number in unfinished if state[number].step == fewest]
        # Every number of pictures has a graph of its own, and tracing one takes as long as many steps.
        return behind[: min(self._width, _power_of_two(len(behind)))]

    def _moved(self, state: BatchState, numbers: Sequence[int]) -> Mapping[int, StyleState]:
        if len(numbers) == 1:
            moved = [self.styles[numbers[0]].advance(state[numbers[0]])]
        else:
            moved = self._moved_abreast([self.styles[number] for number in numbers], [state[n] for n in numbers])
        styled = zip(numbers, moved, strict=True)
        return {number: slim(frame) if self.styles[number].finished(frame) else frame for number, frame in styled}

    def _moved_abreast(self, styles: Sequence[Style], states: Sequence[StyleState]) -> list[StyleState]:
        """One unit of states at the same step, in one call."""
        dues = [style.due(state) for style, state in zip(styles, states, strict=True)]
        mixtures, losses = descended(styles[0].descent, [state.mixture for state in states], dues, styles[0].weights)
        return [
            style.settled(states[place], dues[place], mixtures[place], losses[:, place])
            for place, style in enumerate(styles)
        ]


def _power_of_two(most: int) -> int:
    """The largest power of two that is no more."""
    return 1 << (most.bit_length() - 1)
