"""DeepDream: an image climbed octave by octave towards what a layer likes to see."""

import itertools
import random
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from worker.engine.ascent import Ascent
from worker.engine.computation import Arrays, Progress, Result, require_finite
from worker.engine.errors import ImageTooSmallError, SettingsError
from worker.engine.image import Image, Size, resize, resize_classic
from worker.engine.networks import Network
from worker.engine.objectives import Measure, Objective
from worker.engine.octaves import blended, octave_sizes, octave_sources
from worker.engine.profile import MODERN_DREAM, DreamProfile
from worker.engine.tone import hold_tone

# What random.Random.getstate() gives: a version, 625 words, and nothing.
RandomState: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class DreamSettings:
    """What to dream.

    Attributes:
        layer: name of the layer whose activations grow.
        channels: only these channels of it; None for all.
        objective: the measure of them that grows.
        iterations: steps at every octave, 1 or more.
        step_size: standard deviation of one step in levels of 0..255, above 0.
        repeats: octaves below the image's own size, 0 or more.
        rescale_factor: size of an octave over the next larger one, above 0 and below 1.
        blend: share of the undreamed image in an octave's start, 0..1.
        tile_size: wanted side in pixels of the tiles that an image is worked on in, 32 or more.
        profile: the switches.
        unit_steps: steps between two checkpoints, 1 or more.
        hold_tone: after every octave, bring each colour's mean and contrast back to the source's; None as the profile.
    """

    layer: str
    channels: tuple[int, ...] | None = None
    objective: Measure = "mean-square"
    iterations: int = 10
    step_size: float = 3.0
    repeats: int = 4
    rescale_factor: float = 0.7
    blend: float = 0.2
    tile_size: int = 400
    profile: DreamProfile = MODERN_DREAM
    unit_steps: int = 5
    hold_tone: bool | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be computed.

        Raises:
            SettingsError: a value out of its range.
        """
        ranges = (
            ("iterations", self.iterations >= 1, "1 or more"),
            ("step_size", self.step_size > 0, "more than 0"),
            ("repeats", self.repeats >= 0, "0 or more"),
            ("rescale_factor", 0 < self.rescale_factor < 1, "between 0 and 1"),
            ("blend", 0 <= self.blend <= 1, "0 to 1"),
            ("tile_size", self.tile_size >= 32, "32 or more"),
            ("unit_steps", self.unit_steps >= 1, "1 or more"),
        )
        for name, held, possible in ranges:
            if not held:
                raise SettingsError(name, getattr(self, name), possible)


@dataclass(frozen=True, eq=False)
class DreamState:
    """Where a dream stands.

    Attributes:
        image: the picture at the current octave.
        octave: number of the current octave, smallest first; the number of octaves when the dream is over.
        step: steps made at this octave.
        random_state: of the generator of all draws; hand the last one on to start another dream where this one ended.
        trace: a row a step: octave, step, objective before it.
    """

    image: Image
    octave: int
    step: int
    random_state: RandomState
    trace: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dream:
    """A dream as a computation.

    Attributes:
        network: what looks at the image.
        settings: what to dream.
        image: where it starts, float32 RGB of any range (0..255, and beyond in a classic chain).
        seed: of all draws, or the state of a generator that goes on drawing.
    """

    network: Network
    settings: DreamSettings
    image: Image
    seed: int | RandomState

    def __post_init__(self) -> None:
        """Refuse a layer, a channel or an image that cannot be dreamed.

        Raises:
            UnknownLayerError: the network has no such layer.
            SettingsError: the layer has no such channel.
            ImageTooSmallError: a side is under the network's minimum, or vanishes at the smallest octave.
            NotFiniteError: the image holds NaN or infinity.
        """
        self._objective.check(self.network)
        require_finite(self.image, "the image to dream")
        if min(self._size) < self.network.minimum_size:
            raise ImageTooSmallError(self._size, self.network.minimum_size, self.network.name)
        wanted = self.settings.repeats + 1
        if not self.settings.profile.skip_small_octaves and len(self.sizes) < wanted:
            raise ImageTooSmallError(self._size, self._smallest_side(), f"a classic dream of {wanted} octaves")

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """Sizes of the octaves, smallest first."""
        minimum = self.network.minimum_size if self.settings.profile.skip_small_octaves else 1
        return octave_sizes(self._size, self.settings.rescale_factor, self.settings.repeats, minimum)

    def begin(self) -> DreamState:
        """The undreamed image at the smallest octave."""
        draws = random.Random(self.seed) if isinstance(self.seed, int) else _generator(self.seed)
        return DreamState(self._sources[0], 0, 0, draws.getstate(), np.zeros((0, 3)))

    def advance(self, state: DreamState) -> DreamState:
        """Up to `unit_steps` steps at one octave; after its last step, on to the start of the next.

        Raises:
            NotFiniteError: the image left the finite numbers.
        """
        steps = range(state.step, min(state.step + self.settings.unit_steps, self.settings.iterations))
        draws = _generator(state.random_state)
        image, values = self._ascent.climb(state.image, steps, draws)
        require_finite(image, f"step {steps.stop} of octave {state.octave + 1} of {self.settings.layer}")
        rows = np.column_stack([np.full(len(steps), float(state.octave)), np.array(steps, float), values])
        trace = np.concatenate([state.trace, rows])
        climbed = DreamState(image, state.octave, steps.stop, draws.getstate(), trace)
        return climbed if steps.stop < self.settings.iterations else self._next_octave(climbed)

    def finished(self, state: DreamState) -> bool:
        """Whether the last octave is climbed."""
        return state.octave == len(self.sizes)

    def progress(self, state: DreamState) -> Progress:
        """Steps over all octaves."""
        octave = min(state.octave + 1, len(self.sizes))
        iterations = self.settings.iterations
        detail = f"{self.settings.layer} | octave {octave}/{len(self.sizes)}"
        return Progress(state.octave * iterations + state.step, len(self.sizes) * iterations, detail)

    def preview(self, state: DreamState) -> Image:
        """The picture as it stands, enlarged to its final size, 0..255."""
        return np.clip(resize(state.image, self._size), 0.0, 255.0)

    def result(self, state: DreamState) -> Result:
        """The dreamed image, unclipped in `classic`, and the objective before every step."""
        trace = tuple(
            {"octave": float(octave), "step": float(step), "objective": float(objective)}
            for octave, step, objective in state.trace
        )
        return Result(state.image, trace)

    def pack(self, state: DreamState) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return {
            "image": state.image,
            "position": np.array([state.octave, state.step], np.int64),
            "random_version": np.array(state.random_state[0], np.int64),
            "random_words": np.array(state.random_state[1], np.uint64),
            "trace": state.trace,
        }

    def unpack(self, arrays: Arrays) -> DreamState:
        """The state that `pack` put away."""
        octave, step = (int(number) for number in arrays["position"])
        words = tuple(int(word) for word in arrays["random_words"])
        random_state = (int(arrays["random_version"]), words, None)
        return DreamState(np.asarray(arrays["image"]), octave, step, random_state, np.asarray(arrays["trace"]))

    @property
    def _size(self) -> Size:
        return self.image.shape[0], self.image.shape[1]

    @property
    def _objective(self) -> Objective:
        return Objective(self.settings.layer, self.settings.channels, self.settings.objective)

    @cached_property
    def _sources(self) -> tuple[Image, ...]:
        return octave_sources(np.asarray(self.image, np.float32), self.sizes, self._resize)

    @cached_property
    def _ascent(self) -> Ascent:
        settings = self.settings
        return Ascent(
            self.network,
            self._objective,
            settings.profile,
            settings.iterations,
            settings.step_size,
            settings.tile_size,
        )

    def _smallest_side(self) -> int:
        factor, repeats = self.settings.rescale_factor, self.settings.repeats
        sides = itertools.count(self.network.minimum_size)
        return next(side for side in sides if len(octave_sizes((side, side), factor, repeats)) == repeats + 1)

    def _resize(self, image: Image, size: Size) -> Image:
        return resize(image, size) if self.settings.profile.float_resize else resize_classic(image, size)

    def _next_octave(self, state: DreamState) -> DreamState:
        source = self._sources[state.octave]
        asked = self.settings.hold_tone
        held = self.settings.profile.hold_tone if asked is None else asked
        image = hold_tone(state.image, source) if held else state.image
        following = state.octave + 1
        if following < len(self.sizes):
            image = blended(self._sources[following], image, self.settings.blend, self._resize)
        return replace(state, image=image, octave=following, step=0)


def _generator(state: RandomState) -> random.Random:
    draws = random.Random()
    draws.setstate(state)
    return draws
