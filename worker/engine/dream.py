"""DeepDream: an image climbed octave by octave towards what its layers like to see."""

import random
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.engine.computation import Arrays, Progress, Result, require_finite
from worker.engine.dream_settings import DreamSettings
from worker.engine.dream_state import DreamState, RandomState, generator, packed, unpacked
from worker.engine.errors import ImageTooSmallError, SettingsError
from worker.engine.guide import guide_features
from worker.engine.image import Image, Size, resize, resize_classic
from worker.engine.networks import Network
from worker.engine.octaves import blended, octave_sizes, octave_sources, smallest_side
from worker.engine.survey import NO_GUIDE, Features, ascent_of, survey
from worker.engine.tiles import Alive, unwatched
from worker.engine.tone import hold_tone


@dataclass(frozen=True, eq=False)
class Dream:
    """A dream as a computation.

    Attributes:
        network: what looks at the image.
        settings: what to dream.
        image: where it starts, float32 RGB of any range (0..255, and beyond in a classic chain).
        seed: of all draws, or the state of a generator that goes on drawing.
        guide: for the objective `guide`, the picture to be pulled to.
        alive: gives a sign of life in the middle of a unit, after every tile.
    """

    network: Network
    settings: DreamSettings
    image: Image
    seed: int | RandomState
    guide: Image | None = None
    alive: Alive = unwatched

    def __post_init__(self) -> None:
        """Refuse a layer, a channel or an image that cannot be dreamed.

        Raises:
            UnknownLayerError: the network has no such layer.
            SettingsError: the layer has no such channel, or objective and guide do not go together.
            ImageTooSmallError: a side is under the network's minimum, or vanishes at the smallest octave.
            NotFiniteError: the image holds NaN or infinity.
        """
        for layer in self.settings.layers:
            layer.check(self.network)
        if (self.settings.objective == "guide") != (self.guide is not None):
            raise SettingsError("objective", self.settings.objective, "guide where there is a guide, and only there")
        for image, what in ((self.image, "the image to dream"), (self.guide, "the guide")):
            self._check_image(image, what)
        wanted = self.settings.repeats + 1
        if not self.settings.profile.skip_small_octaves and len(self.sizes) < wanted:
            least = max(self.network.minimum_size, smallest_side(self.settings.rescale_factor, self.settings.repeats))
            raise ImageTooSmallError(self._size, least, f"a classic dream of {wanted} octaves")

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """Sizes of the octaves, smallest first."""
        minimum = self.network.minimum_size if self.settings.profile.skip_small_octaves else 1
        return octave_sizes(self._size, self.settings.rescale_factor, self.settings.repeats, minimum)

    def begin(self) -> DreamState:
        """The undreamed image at the smallest octave, surveyed."""
        draws = random.Random(self.seed) if isinstance(self.seed, int) else generator(self.seed)
        seen = survey(self.network, self.settings, self._sources[-1], self._features)
        return DreamState(self._sources[0], 0, 0, draws.getstate(), np.zeros((0, 3)), seen)

    def advance(self, state: DreamState) -> DreamState:
        """Up to `unit_steps` steps at one octave; after its last step, on to the start of the next.

        Raises:
            NotFiniteError: the image left the finite numbers.
        """
        steps = range(state.step, min(state.step + self.settings.unit_steps, self.settings.iterations))
        draws = generator(state.random_state)
        ascent = replace(ascent_of(self.network, self.settings, state.survey, self._features), alive=self.alive)
        image, values = ascent.climb(state.image, steps, draws)
        require_finite(image, f"step {steps.stop} of octave {state.octave + 1} of {self._label}")
        rows = np.column_stack([np.full(len(steps), float(state.octave)), np.array(steps, float), values])
        trace = np.concatenate([state.trace, rows])
        climbed = DreamState(image, state.octave, steps.stop, draws.getstate(), trace, state.survey)
        return climbed if steps.stop < self.settings.iterations else self._next_octave(climbed)

    def finished(self, state: DreamState) -> bool:
        """Whether the last octave is climbed."""
        return state.octave == len(self.sizes)

    def progress(self, state: DreamState) -> Progress:
        """Steps over all octaves."""
        octave = min(state.octave + 1, len(self.sizes))
        iterations = self.settings.iterations
        detail = f"{self._label} | octave {octave}/{len(self.sizes)}"
        return Progress(state.octave * iterations + state.step, len(self.sizes) * iterations, detail)

    def preview(self, state: DreamState) -> Image:
        """The picture as it stands, enlarged to its final size, 0..255."""
        return np.clip(resize(state.image, self._size), 0.0, 255.0)

    def result(self, state: DreamState) -> Result:
        """The dreamed image, unclipped in `classic`, the objective before every step, and the survey."""
        trace = tuple(
            {"octave": float(octave), "step": float(step), "objective": float(objective)}
            for octave, step, objective in state.trace
        )
        return Result((state.image,), trace, state.survey.told(self.settings.names))

    def pack(self, state: DreamState) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return packed(state)

    def unpack(self, arrays: Arrays) -> DreamState:
        """The state that `pack` put away."""
        return unpacked(arrays)

    @property
    def _size(self) -> Size:
        return self.image.shape[0], self.image.shape[1]

    @property
    def _label(self) -> str:
        return "+".join(self.settings.names)

    @cached_property
    def _features(self) -> Features:
        if self.guide is None:
            return NO_GUIDE
        return guide_features(self.network, self.settings.names, self.guide, self.settings.profile)

    @cached_property
    def _sources(self) -> tuple[Image, ...]:
        return octave_sources(np.asarray(self.image, np.float32), self.sizes, self._resize)

    def _check_image(self, image: Image | None, what: str) -> None:
        if image is None:
            return
        require_finite(image, what)
        if min(image.shape[:2]) < self.network.minimum_size:
            raise ImageTooSmallError((image.shape[0], image.shape[1]), self.network.minimum_size, self.network.name)

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
