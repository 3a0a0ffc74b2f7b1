"""Style transfer: a content painted in the style of other pictures (Gatys et al., 2015)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.colors import grey, matched_grey, recolored
from worker.engine.computation import Arrays, Progress, Result, require_finite
from worker.engine.descent import compiled_descent, compiled_losses, fresh
from worker.engine.errors import ImageTooSmallError, SettingsError
from worker.engine.image import Image, Size, resize
from worker.engine.levels import Level, scaled, style_levels
from worker.engine.losses import Lens, Targets
from worker.engine.networks import Network
from worker.engine.optimizer import Pace
from worker.engine.style_settings import StyleSettings
from worker.engine.style_state import StyleState, packed, unpacked
from worker.engine.targets import build_targets

CLASSIC_FACTOR = 1e-10
# No level has a side under so many times the network's minimum: there is little to be seen in less.
COARSEST_SIDES = 2


@dataclass(frozen=True, eq=False)
class Style:
    """A style transfer as a computation.

    Attributes:
        network: what looks at the pictures.
        settings: how to paint.
        content: what to paint, float32 RGB 0..255.
        styles: pictures to paint like, already of the size to look at them in, and how much each counts (above 0).
        seed: of the start from noise.
    """

    network: Network
    settings: StyleSettings
    content: Image
    styles: Sequence[tuple[Image, float]]
    seed: int

    def __post_init__(self) -> None:
        """Refuse layers or pictures that cannot be used.

        Raises:
            UnknownLayerError: the network has no such layer.
            SettingsError: no style image, or one that counts nothing.
            ImageTooSmallError: a side is under the network's minimum.
            NotFiniteError: a picture holds NaN or infinity.
        """
        for layer in self.settings.content_layers + self.settings.style_layers:
            self.network.layer(layer)
        if not self.styles or any(weight <= 0 for _, weight in self.styles):
            counted = tuple(weight for _, weight in self.styles)
            raise SettingsError("weights of the style images", counted, "one image or more, each above 0")
        for image in (self.content, *(image for image, _ in self.styles)):
            require_finite(image, "an image to paint with")
            if min(image.shape[:2]) < self.network.minimum_size:
                size = (image.shape[0], image.shape[1])
                raise ImageTooSmallError(size, self.network.minimum_size, self.network.name)

    def begin(self) -> StyleState:
        """The content itself, or grey with faint noise."""
        factor = CLASSIC_FACTOR if self.settings.profile.lagged_factors else 1.0
        factors = np.full(3, factor, np.float32)
        return StyleState(0, fresh(self._initial(), factors), np.zeros((0, 3)))

    def advance(self, state: StyleState) -> StyleState:
        """Up to `unit_steps` steps of one level; behind the last of all, what came out is looked at once more.

        Raises:
            NotFiniteError: the picture left the finite numbers.
        """
        level = self._level(state)
        count = min(self.settings.unit_steps, level.end - state.step)
        descend = compiled_descent(self._lens, self.settings.optimizer)
        mixture, losses = descend(
            tf.nest.map_structure(tf.constant, state.mixture),
            self._targets(level),
            self._weights,
            self._pace(level, state.step),
            tf.constant(count),
        )
        kept = tf.nest.map_structure(lambda tensor: tensor.numpy(), mixture)
        require_finite(kept.image, f"step {state.step + count} of the style transfer")
        trace = np.concatenate([state.trace, losses.numpy().astype(np.float64)])
        moved = StyleState(state.step + count, kept, trace)
        if not self.finished(moved):
            return self._enlarged(moved) if moved.step == level.end else moved
        return self._judged(moved, level) if self.settings.profile.keep_best else moved

    def finished(self, state: StyleState) -> bool:
        """Whether all steps are made."""
        return state.step >= self.settings.iterations

    def progress(self, state: StyleState) -> Progress:
        """Steps of all."""
        total = self.settings.iterations
        level = f"level {self._level(state).number + 1}/{len(self.levels)} | " if len(self.levels) > 1 else ""
        return Progress(state.step, total, f"{level}step {state.step}/{total}")

    def preview(self, state: StyleState) -> Image:
        """The picture as it stands, enlarged to its final size."""
        full = resize(np.asarray(state.mixture.image, np.float32), self._size)
        return self._colored(np.clip(full, 0.0, 255.0))

    def result(self, state: StyleState) -> Result:
        """The best picture of the run in `modern`, the last in `classic`; and the losses."""
        keep_best = self.settings.profile.keep_best
        image = state.mixture.best_image if keep_best else state.mixture.image
        return Result(self._colored(image), tuple(self._entry(row) for row in state.trace))

    def pack(self, state: StyleState) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return packed(state)

    def unpack(self, arrays: Arrays) -> StyleState:
        """The state that `pack` put away."""
        return unpacked(arrays)

    @cached_property
    def _lens(self) -> Lens:
        settings = self.settings
        return Lens(self.network, settings.profile, settings.content_layers, settings.style_layers)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The sizes, coarse to fine."""
        sides = [min(self._size), *(min(image.shape[:2]) for image, _ in self.styles)]
        smallest = COARSEST_SIDES * self.network.minimum_size / min(sides)
        # Factors that lag from step to step cannot be carried over to another size.
        wanted = 1 if self.settings.profile.lagged_factors else self.settings.levels
        return style_levels(self._size, wanted, self.settings.iterations, smallest)

    @property
    def _size(self) -> Size:
        return self.content.shape[0], self.content.shape[1]

    def _level(self, state: StyleState) -> Level:
        """The level of the state's next step; the last one when there is none."""
        return next((level for level in self.levels if state.step < level.end), self.levels[-1])

    def _targets(self, level: Level) -> Targets:
        """What a level aims at, kept until another level asks."""
        if level not in self._kept_targets:
            styles = [(scaled(image, level.scale), weight) for image, weight in self._styles]
            self._kept_targets.clear()
            self._kept_targets[level] = build_targets(self._lens, resize(self._content, level.size), styles)
        return self._kept_targets[level]

    @cached_property
    def _kept_targets(self) -> dict[Level, Targets]:
        return {}

    @cached_property
    def _styles(self) -> list[tuple[Image, float]]:
        if self.settings.colors == "style":
            return list(self.styles)
        return [(matched_grey(image, self.content), weight) for image, weight in self.styles]

    def _enlarged(self, state: StyleState) -> StyleState:
        """The picture at the next level's size; the optimizer and the search for the best begin anew there."""
        image = resize(state.mixture.image, self._level(state).size)
        return replace(state, mixture=fresh(np.clip(image, 0.0, 255.0), state.mixture.factors))

    def _pace(self, level: Level, step: int) -> Pace:
        size = np.float32(self.settings.step_size * level.step_size_share)
        return Pace(tf.constant(step - level.first_step), tf.constant(level.steps), tf.constant(size))

    @cached_property
    def _content(self) -> Image:
        clipped = np.clip(np.asarray(self.content, np.float32), 0.0, 255.0)
        return clipped if self.settings.colors == "style" else grey(clipped)

    @property
    def _weights(self) -> tf.Tensor:
        return tf.constant(self.settings.weights, tf.float32)

    def _initial(self) -> NDArray[np.floating]:
        if self.settings.profile.initial == "content":
            return resize(self._content, self.levels[0].size)
        grain = np.random.default_rng(self.seed).random((*self.levels[0].size, 3))
        return (grain + 128.0).astype(np.float64 if self.settings.profile.exact_bits == 64 else np.float32)

    def _judged(self, state: StyleState, level: Level) -> StyleState:
        losses = compiled_losses(self._lens)(tf.constant(state.mixture.image), self._targets(level)).numpy()
        trace = np.concatenate([state.trace, losses[None].astype(np.float64)])
        total = np.sum(losses * np.array(self.settings.weights, np.float32), dtype=np.float32)
        if total >= state.mixture.best_loss:
            return replace(state, trace=trace)
        mixture = state.mixture._replace(best_image=state.mixture.image, best_loss=np.array(total))
        return replace(state, mixture=mixture, trace=trace)

    def _colored(self, image: NDArray[np.floating]) -> Image:
        painted = np.asarray(image, np.float32)
        return painted if self.settings.colors == "style" else recolored(painted, np.clip(self.content, 0.0, 255.0))

    def _entry(self, row: NDArray[np.float64]) -> dict[str, float]:
        content, style, denoise = (float(loss) for loss in row)
        entry = {"content": content, "style": style, "denoise": denoise}
        if self.settings.profile.lagged_factors:
            return entry
        return {
            **entry,
            "total": sum(float(loss) * weight for loss, weight in zip(row, self.settings.weights, strict=True)),
        }
