"""Settings of a style transfer: how to paint."""

from dataclasses import dataclass
from typing import Literal

from worker.engine.errors import SettingsError
from worker.engine.optimizer import OPTIMIZERS, OptimizerName
from worker.engine.profile import MODERN_STYLE, StyleProfile


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
        levels: sizes painted at, coarse to fine, 1 or more; `classic` has only one.
    """

    iterations: int = 90
    optimizer: OptimizerName = "adam"
    step_size: float = 8.0
    style_weight: float = 10.0
    content_weight: float = 2.0
    denoise_weight: float = 1.0
    content_layers: tuple[str, ...] = ("conv4_2",)
    style_layers: tuple[str, ...] = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
    colors: Literal["style", "content"] = "style"
    profile: StyleProfile = MODERN_STYLE
    unit_steps: int = 5
    levels: int = 3

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
            ("levels", self.levels >= 1, "1 or more"),
        )
        for name, held, possible in ranges:
            if not held:
                raise SettingsError(name, getattr(self, name), possible)

    @property
    def weights(self) -> tuple[float, float, float]:
        """Weights of content, style and denoise losses."""
        return self.content_weight, self.style_weight, self.denoise_weight
