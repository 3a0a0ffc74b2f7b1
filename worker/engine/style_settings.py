"""Settings of a style transfer: how to paint."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from worker.engine.errors import SettingsError
from worker.engine.optimizer import OPTIMIZERS, OptimizerName
from worker.engine.outcome import KEEPERS, OutcomeName
from worker.engine.plateau import Plateau
from worker.engine.profile import MODERN_STYLE, StyleProfile

ColorsName: TypeAlias = Literal["style", "content", "matched"]

A_LAYER = "one number above 0 a layer, or none at all"


@dataclass(frozen=True)
class StyleSettings:
    """How to paint.

    Attributes:
        iterations: steps, 1 or more.
        optimizer: `gradient-descent` (steps of even deviation), `adam` or `lbfgs`.
        step_size: levels of 0..255 that a step moves by, above 0.
        style_weight: what the style loss counts, 0 or more.
        content_weight: what the content loss counts, 0 or more.
        denoise_weight: what the denoise loss counts, 0 or more.
        content_layers: layers that the content is compared at.
        style_layers: layers that the style is compared at.
        content_layer_weights: how much each content layer counts among them, above 0; all the same when empty.
        style_layer_weights: how much each style layer counts among them, likewise.
        start_noise: share of noise in the start, 0..1, 0 for the content itself; as the profile has it when None.
        outcome: return the best picture, a mean of the last ones, or the last; as the profile has it when None.
        plateau: when a level ends before its last step; never when None.
        colors: the style's colours, the content's own pixel for pixel, or the style's matched to the content's.
        profile: the switches.
        unit_steps: steps between two checkpoints, 1 or more.
        memory_gib: what a step may take, in GiB, above 0; a larger picture is looked at in tiles, but for `classic`.
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
    content_layer_weights: tuple[float, ...] = ()
    style_layer_weights: tuple[float, ...] = ()
    start_noise: float | None = None
    outcome: OutcomeName | None = None
    plateau: Plateau | None = None
    colors: ColorsName = "style"
    profile: StyleProfile = MODERN_STYLE
    unit_steps: int = 5
    memory_gib: float = 10.0
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
            ("content_layer_weights", _fits(self.content_layer_weights, self.content_layers), A_LAYER),
            ("style_layer_weights", _fits(self.style_layer_weights, self.style_layers), A_LAYER),
            ("start_noise", 0.0 <= self.noise_share <= 1.0, "0 to 1, or nothing"),
            ("outcome", self.outcome is None or self.outcome in KEEPERS, " or ".join(KEEPERS)),
            ("colors", self.colors in get_args(ColorsName), " or ".join(get_args(ColorsName))),
            ("unit_steps", self.unit_steps >= 1, "1 or more"),
            ("memory_gib", self.memory_gib > 0, "more than 0"),
            ("levels", self.levels >= 1, "1 or more"),
        )
        for name, held, possible in ranges:
            if not held:
                raise SettingsError(name, getattr(self, name), possible)
        self._check_comparing()

    @property
    def weights(self) -> tuple[float, float, float]:
        """Weights of content, style and denoise losses."""
        return self.content_weight, self.style_weight, self.denoise_weight

    @property
    def noise_share(self) -> float:
        """Share of noise in the start."""
        return self.profile.start_noise if self.start_noise is None else self.start_noise

    @property
    def returned(self) -> OutcomeName:
        """Which picture is returned."""
        return self.outcome or self.profile.outcome

    @property
    def content_shares(self) -> tuple[float, ...]:
        """How much each content layer counts, 1 on average."""
        return _shares(self.content_layer_weights, self.content_layers)

    @property
    def style_shares(self) -> tuple[float, ...]:
        """How much each style layer counts, 1 on average."""
        return _shares(self.style_layer_weights, self.style_layers)

    def _check_comparing(self) -> None:
        asked = {
            "optimizer": (self.optimizer, self.optimizer == "lbfgs"),
            "outcome": (self.outcome, self.returned == "best"),
            "plateau": (self.plateau, self.plateau is not None),
        }
        for name, (got, compares) in asked.items():
            if compares and self.profile.lagged_factors:
                possible = f"another, or another profile: {self.profile.name} losses change their scale at every step"
                raise SettingsError(name, got, possible)


def _fits(weights: tuple[float, ...], layers: tuple[str, ...]) -> bool:
    return not weights or (len(weights) == len(layers) and all(0 < weight < math.inf for weight in weights))


def _shares(weights: tuple[float, ...], layers: tuple[str, ...]) -> tuple[float, ...]:
    given = weights or (1.0,) * len(layers)
    return tuple(weight * len(given) / sum(given) for weight in given)
