"""Style transfer: a content painted in the style of other pictures (Gatys et al., 2015)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.budget import fitting_pictures, fitting_tiles
from worker.engine.colors import grey, matched_colors, matched_grey, recolored
from worker.engine.computation import Arrays, Progress, Result, require_finite
from worker.engine.descent import Descent, Due, Mixture, compiled_losses, descended, fresh
from worker.engine.errors import ImageTooSmallError, RegionError, SettingsError
from worker.engine.image import Image, Size, resize
from worker.engine.levels import Level, scaled, style_levels
from worker.engine.losses import Lens, Targets
from worker.engine.networks import Network
from worker.engine.optimizer import OPTIMIZERS, Optimizer
from worker.engine.outcome import Kept
from worker.engine.pace import Pace
from worker.engine.regions import Regions
from worker.engine.start import start_image
from worker.engine.style_settings import ColorsName, StyleSettings
from worker.engine.style_state import StyleState, extended, packed, unpacked
from worker.engine.targets import LayerShares, Models, build_targets
from worker.engine.tiled_descent import tiled_losses, tiled_step
from worker.engine.tiles import Alive, Tile, WatchedTiles, unwatched

CLASSIC_FACTOR = 1e-10
# No level has a side under so many times the network's minimum: there is little to be seen in less.
COARSEST_SIDES = 2
# How a style image is suited to the content before it is looked at.
SUITED: dict[ColorsName, Callable[[Image, Image], Image]] = {
    "style": lambda image, _: image,
    "content": matched_grey,
    "matched": matched_colors,
}


@dataclass(frozen=True, eq=False)
class Style:
    """A style transfer as a computation.

    Attributes:
        network: what looks at the pictures.
        settings: how to paint.
        content: what to paint, float32 RGB 0..255.
        styles: pictures to paint like, already of the size to look at them in, and how much each counts (above 0).
        seed: of the start from noise.
        regions: where in the picture each style holds; None for everywhere.
        alive: gives a sign of life in the middle of a unit, after every tile.
    """

    network: Network
    settings: StyleSettings
    content: Image
    styles: Sequence[tuple[Image, float]]
    seed: int
    regions: Regions | None = None
    alive: Alive = unwatched

    def __post_init__(self) -> None:
        """Refuse layers or pictures that cannot be used.

        Raises:
            UnknownLayerError: the network has no such layer.
            SettingsError: no style image, or one that counts nothing.
            ImageTooSmallError: a side is under the network's minimum.
            RegionError: masks that do not fit the styles, or a region too small to be looked at.
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
        if self.regions is not None:
            self._check_regions(self.regions)

    def _check_regions(self, regions: Regions) -> None:
        numbers = range(len(regions.masks))
        if self.settings.profile.lagged_factors:
            raise RegionError(f"profile {self.settings.profile.name} knows no masks")
        if len(regions.of_styles) != len(self.styles) or set(regions.of_styles) != set(numbers):
            raise RegionError(f"{len(self.styles)} style images have the regions {regions.of_styles} of {len(numbers)}")
        least = self.network.minimum_size**2
        for number, area in enumerate(regions.areas(self._size)):
            if not area >= least:
                raise RegionError(f"region {number} has {area:.0f} px; {self.network.name} needs {least} px or more")

    def begin(self) -> StyleState:
        """The content, noise, or both mixed."""
        factor = CLASSIC_FACTOR if self.settings.profile.lagged_factors else 1.0
        factors = np.full(3, factor, np.float32)
        image = self._initial()
        return StyleState(0, fresh(image, factors, self._optimizer.begin(image)), np.zeros((0, 4)))

    def advance(self, state: StyleState) -> StyleState:
        """Up to `unit_steps` steps of one level; behind the last of all, what is returned is looked at once more.

        Raises:
            NotFiniteError: the picture left the finite numbers.
        """
        due, tiles = self.due(state), self._tiles(self._level(state))
        if tiles:
            watched = WatchedTiles(tiles, self.alive)
            mixture, row = tiled_step(self.descent, state.mixture, due.targets, self.weights, due.pace, watched)
            return self.settled(state, due, mixture, row[None])
        (mixture,), losses = descended(self.descent, [state.mixture], [due], self.weights)
        return self.settled(state, due, mixture, losses[:, 0])

    def due(self, state: StyleState) -> Due:
        """The steps of the next unit."""
        level = self._level(state)
        return Due(self._count(state, level), self._pace(level, state.step), self.targets(level))

    def settled(self, state: StyleState, due: Due, mixture: Mixture, losses: tf.Tensor) -> StyleState:
        """The state once the steps due have led to a mixture, with the losses `(steps, 3)` before each.

        Raises:
            NotFiniteError: the picture left the finite numbers.
        """
        arrays = tf.nest.map_structure(lambda tensor: tensor.numpy(), mixture)
        step, level = state.step + due.steps, self._level(state)
        require_finite(arrays.image, f"step {step} of the style transfer")
        moved = StyleState(step, arrays, extended(state.trace, state.step, losses.numpy()))
        if self._stands_still(moved, level):
            moved = replace(moved, step=level.end)
        if self.finished(moved):
            return moved if self.settings.profile.lagged_factors else self._judged(moved, level)
        return self._enlarged(moved) if moved.step == level.end else moved

    def finished(self, state: StyleState) -> bool:
        """Whether all steps are made."""
        return state.step >= self.settings.iterations

    def progress(self, state: StyleState) -> Progress:
        """Steps of all."""
        total = self.settings.iterations
        level = f"level {self._level(state).number + 1}/{len(self.levels)} | " if len(self.levels) > 1 else ""
        left_out = state.step - int(np.count_nonzero(state.trace[:, 0] < state.step))
        without = f", {left_out} left out" if left_out else ""
        return Progress(state.step, total, f"{level}step {state.step}/{total}{without}")

    def preview(self, state: StyleState) -> Image:
        """The picture as it stands, enlarged to its final size."""
        full = resize(np.asarray(state.mixture.image, np.float32), self._size)
        return self._colored(np.clip(full, 0.0, 255.0))

    def result(self, state: StyleState) -> Result:
        """The picture kept, and the losses."""
        image = self._colored(state.mixture.kept.image)
        return Result((image,), tuple(self._entry(row) for row in state.trace))

    def pack(self, state: StyleState) -> dict[str, NDArray[Any]]:
        """The state as arrays."""
        return packed(state)

    def unpack(self, arrays: Arrays) -> StyleState:
        """The state that `pack` put away."""
        return unpacked(arrays, self.settings.optimizer)

    @cached_property
    def _lens(self) -> Lens:
        settings = self.settings
        regions = len(self.regions.masks) if self.regions else 0
        return Lens(self.network, settings.profile, settings.content_layers, settings.style_layers, regions)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The sizes, coarse to fine."""
        sides = [min(self._size), *(min(image.shape[:2]) for image, _ in self.styles)]
        # A region counts as the square of its area.
        sides += [math.sqrt(area) for area in (self.regions.areas(self._size) if self.regions else ())]
        smallest = COARSEST_SIDES * self.network.minimum_size / min(sides)
        # Factors that lag from step to step cannot be carried over to another size.
        wanted = 1 if self.settings.profile.lagged_factors else self.settings.levels
        return style_levels(self._size, wanted, self.settings.iterations, smallest)

    def _count(self, state: StyleState, level: Level) -> int:
        """Steps to be made in one go."""
        left, plateau = level.end - state.step, self.settings.plateau
        window = plateau.until_look(state.step - level.first_step) if plateau else left
        unit = 1 if self._tiles(level) else self.settings.unit_steps
        return min(unit, left, window)

    def _tiles(self, level: Level) -> tuple[Tile, ...]:
        return fitting_tiles(self._lens, level.size, self.settings.memory_gib, self._optimizer.remembered)

    @property
    def fitting(self) -> int:
        """How many pictures like this one a step may take at once; 0 where one alone needs tiles."""
        return fitting_pictures(self._lens, self._size, self.settings.memory_gib, self._optimizer.remembered)

    @property
    def descent(self) -> Descent:
        """How it descends."""
        return Descent(self._lens, self.settings.optimizer, self.settings.returned)

    def _stands_still(self, state: StyleState, level: Level) -> bool:
        made = state.trace[state.trace[:, 0] >= level.first_step]
        return self.settings.plateau is not None and self.settings.plateau.reached(made[:, 1:] @ self.settings.weights)

    @property
    def _size(self) -> Size:
        return self.content.shape[0], self.content.shape[1]

    def _level(self, state: StyleState) -> Level:
        """The level of the state's next step; the last one when there is none."""
        return next((level for level in self.levels if state.step < level.end), self.levels[-1])

    def targets(self, level: Level) -> Targets:
        """What a level aims at, kept until another level asks."""
        if level not in self._kept_targets:
            styles = [(scaled(image, level.scale), weight) for image, weight in self._styles]
            self._kept_targets.clear()
            models = Models(resize(self._content, level.size), styles, self.regions)
            self._kept_targets[level] = build_targets(self._lens, models, self._layer_shares, self.settings.memory_gib)
        return self._kept_targets[level]

    @cached_property
    def _kept_targets(self) -> dict[Level, Targets]:
        return {}

    @cached_property
    def _styles(self) -> list[tuple[Image, float]]:
        suited = SUITED[self.settings.colors]
        return [(suited(image, self.content), weight) for image, weight in self.styles]

    def _enlarged(self, state: StyleState) -> StyleState:
        """The picture at the next level's size; the optimizer and the search for the best begin anew there."""
        image = np.clip(resize(state.mixture.image, self._level(state).size), 0.0, 255.0)
        return replace(state, mixture=fresh(image, state.mixture.factors, self._optimizer.begin(image)))

    def _pace(self, level: Level, step: int) -> Pace:
        size = np.float32(self.settings.step_size * level.step_size_share)
        return Pace(tf.constant(step - level.first_step), tf.constant(level.steps), tf.constant(size))

    @cached_property
    def _content(self) -> Image:
        clipped = np.clip(np.asarray(self.content, np.float32), 0.0, 255.0)
        return grey(clipped) if self.settings.colors == "content" else clipped

    @property
    def _optimizer(self) -> Optimizer:
        return OPTIMIZERS[self.settings.optimizer]

    @property
    def _layer_shares(self) -> LayerShares:
        return LayerShares(self.settings.content_shares, self.settings.style_shares)

    @property
    def weights(self) -> tf.Tensor:
        """Of content, style and denoise losses."""
        return tf.constant(self.settings.weights, tf.float32)

    def _initial(self) -> NDArray[np.floating]:
        content = resize(self._content, self.levels[0].size)
        return start_image(content, self.settings.noise_share, self.seed, self.settings.profile)

    def _judged(self, state: StyleState, level: Level) -> StyleState:
        """What is returned, with its losses; the last picture may still be the best."""
        kept, best = state.mixture.kept, self.settings.returned == "best"
        image = state.mixture.image if best else kept.image
        losses = self._losses(image, level)
        total = np.sum(losses * np.array(self.settings.weights, np.float32), dtype=np.float32)
        if not best or total < kept.loss:
            kept = Kept(image, np.array(total))
        return StyleState(
            state.step, state.mixture._replace(kept=kept), extended(state.trace, state.step, losses[None])
        )

    def _losses(self, image: Image, level: Level) -> NDArray[np.float32]:
        targets, tiles = self.targets(level), self._tiles(level)
        if tiles:
            return tiled_losses(self._lens, image, targets, WatchedTiles(tiles, self.alive)).numpy()
        return compiled_losses(self._lens)(tf.constant(image), targets).numpy()

    def _colored(self, image: NDArray[np.floating]) -> Image:
        painted = np.asarray(image, np.float32)
        return recolored(painted, np.clip(self.content, 0.0, 255.0)) if self.settings.colors == "content" else painted

    def _entry(self, row: NDArray[np.float64]) -> dict[str, float]:
        step, content, style, denoise = (float(value) for value in row)
        entry = {"step": step, "content": content, "style": style, "denoise": denoise}
        if self.settings.profile.lagged_factors:
            return entry
        return {**entry, "total": float(row[1:] @ self.settings.weights)}
