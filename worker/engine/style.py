"""Style transfer: a content painted in the style of other pictures (Gatys et al., 2015)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.colors import grey, matched_grey, recolored
from worker.engine.computation import Arrays, Progress, Result, require_finite
from worker.engine.descent import Mixture, compiled_descent, compiled_losses
from worker.engine.errors import ImageTooSmallError, SettingsError
from worker.engine.image import Image
from worker.engine.losses import Lens, Targets
from worker.engine.networks import Network
from worker.engine.optimizer import OPTIMIZERS, Moments, OptimizerName, Pace
from worker.engine.profile import MODERN_STYLE, StyleProfile
from worker.engine.targets import build_targets

VGG16_LAYERS = (
    "conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3", "conv4_1", "conv4_2", "conv4_3",
    "conv5_1", "conv5_2", "conv5_3",
)  # fmt: skip
CLASSIC_FACTOR = 1e-10


@dataclass(frozen=True)
class StyleSettings:
    """How to paint.

    Attributes:
        iterations: steps, 1 or more.
        optimizer: `gradient-descent` (steps of even deviation) or `adam`.
        step_size: levels of 0..255 that a step moves by, above 0.
        style_weight: what the style loss counts, 0 or more.
        content_weight: what the content loss counts, 0 or more.
        denoise_weight: what the denoise loss counts, 0 or more.
        content_layers: layers that the content is compared at.
        style_layers: layers that the style is compared at.
        colors: the style's colours, or the content's own.
        profile: the switches.
        unit_steps: steps between two checkpoints, 1 or more.
    """

    iterations: int = 40
    optimizer: OptimizerName = "adam"
    step_size: float = 6.0
    style_weight: float = 10.0
    content_weight: float = 1.5
    denoise_weight: float = 0.3
    content_layers: tuple[str, ...] = ("conv3_2",)
    style_layers: tuple[str, ...] = VGG16_LAYERS
    colors: Literal["style", "content"] = "style"
    profile: StyleProfile = MODERN_STYLE
    unit_steps: int = 5

    def __post_init__(self) -> None:
        """Refuse what cannot be computed.

        Raises:
            SettingsError: a value out of its range.
        """
        ranges = (
            ("iterations", self.iterations >= 1, "1 or more"),
            ("optimizer", self.optimizer in OPTIMIZERS, " or ".join(OPTIMIZERS)),
            ("step_size", self.step_size > 0, "more than 0"),
            ("style_weight", self.style_weight >= 0, "0 or more"),
            ("content_weight", self.content_weight >= 0, "0 or more"),
            ("denoise_weight", self.denoise_weight >= 0, "0 or more"),
            ("content_layers", bool(self.content_layers), "one layer or more"),
            ("style_layers", bool(self.style_layers), "one layer or more"),
            ("colors", self.colors in ("style", "content"), "style or content"),
            ("unit_steps", self.unit_steps >= 1, "1 or more"),
        )
        for name, held, possible in ranges:
            if not held:
                raise SettingsError(name, getattr(self, name), possible)

    @property
    def weights(self) -> tuple[float, float, float]:
        """Weights of content, style and denoise losses."""
        return self.content_weight, self.style_weight, self.denoise_weight


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
        image = self._initial()
        still = np.zeros(image.shape, np.float32)
        factor = CLASSIC_FACTOR if self.settings.profile.lagged_factors else 1.0
        factors = np.full(3, factor, np.float32)
        mixture = Mixture(image, factors, Moments(still, still), image, np.array(np.inf, np.float32))
        return StyleState(0, mixture, np.zeros((0, 3)))

    def advance(self, state: StyleState) -> StyleState:
        """Up to `unit_steps` steps; behind the last, the losses of what came out are looked at too.

        Raises:
            NotFiniteError: the picture left the finite numbers.
        """
        count = min(self.settings.unit_steps, self.settings.iterations - state.step)
        descend = compiled_descent(self._lens, self.settings.optimizer)
        pace = Pace(tf.constant(state.step), tf.constant(self.settings.iterations), tf.constant(self._step_size))
        mixture, losses = descend(
            tf.nest.map_structure(tf.constant, state.mixture), self._targets, self._weights, pace, tf.constant(count)
        )
        kept = tf.nest.map_structure(lambda tensor: tensor.numpy(), mixture)
        require_finite(kept.image, f"step {state.step + count} of the style transfer")
        trace = np.concatenate([state.trace, losses.numpy().astype(np.float64)])
        moved = StyleState(state.step + count, kept, trace)
        return self._judged(moved) if self.finished(moved) and self.settings.profile.keep_best else moved

    def finished(self, state: StyleState) -> bool:
        """Whether all steps are made."""
        return state.step >= self.settings.iterations

    def progress(self, state: StyleState) -> Progress:
        """Steps of all."""
        total = self.settings.iterations
        return Progress(state.step, total, f"style | step {state.step}/{total}")

    def preview(self, state: StyleState) -> Image:
        """The picture as it stands."""
        return self._colored(state.mixture.image)

    def result(self, state: StyleState) -> Result:
        """The best picture of the run in `modern`, the last in `classic`; and the losses."""
        keep_best = self.settings.profile.keep_best
        image = state.mixture.best_image if keep_best else state.mixture.image
        return Result(self._colored(image), tuple(self._entry(row) for row in state.trace))

    def pack(self, state: StyleState) -> dict[str, NDArray[Any]]:
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

    def unpack(self, arrays: Arrays) -> StyleState:
        """The state that `pack` put away."""
        packed = {name: np.asarray(array) for name, array in arrays.items()}
        moments = Moments(packed["first_moment"], packed["second_moment"])
        mixture = Mixture(packed["image"], packed["factors"], moments, packed["best_image"], packed["best_loss"])
        return StyleState(int(packed["step"]), mixture, packed["trace"])

    @cached_property
    def _lens(self) -> Lens:
        settings = self.settings
        return Lens(self.network, settings.profile, settings.content_layers, settings.style_layers)

    @cached_property
    def _targets(self) -> Targets:
        if self.settings.colors == "style":
            return build_targets(self._lens, self._content, self.styles)
        styles = [(matched_grey(image, self.content), weight) for image, weight in self.styles]
        return build_targets(self._lens, self._content, styles)

    @cached_property
    def _content(self) -> Image:
        clipped = np.clip(np.asarray(self.content, np.float32), 0.0, 255.0)
        return clipped if self.settings.colors == "style" else grey(clipped)

    @property
    def _weights(self) -> tf.Tensor:
        return tf.constant(self.settings.weights, tf.float32)

    @property
    def _step_size(self) -> np.float32:
        return np.float32(self.settings.step_size)

    def _initial(self) -> NDArray[np.floating]:
        if self.settings.profile.initial == "content":
            return self._content
        grain = np.random.default_rng(self.seed).random(self.content.shape)
        return (grain + 128.0).astype(np.float64 if self.settings.profile.exact_bits == 64 else np.float32)

    def _judged(self, state: StyleState) -> StyleState:
        losses = compiled_losses(self._lens)(tf.constant(state.mixture.image), self._targets).numpy()
        trace = np.concatenate([state.trace, losses[None].astype(np.float64)])
        total = np.sum(losses * np.float32(self.settings.weights), dtype=np.float32)
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
        return {**entry, "total": float(np.sum(row * np.array(self.settings.weights)))}
