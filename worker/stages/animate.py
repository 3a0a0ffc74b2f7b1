"""The animate stage: all frames joined into one moving picture."""

import time
from collections.abc import Mapping

from shared.errors import ConfigurationError
from shared.plan.parameters import AnimateParameters
from shared.results import SurveyedLayer
from shared.spec.animation import AnimationSpec
from worker.engine.animation import Animation, AnimationSettings
from worker.stages.computed import recipe
from worker.stages.inputs import read_input
from worker.work import StageContext


class AnimateHandler:
    """Opens animate stages."""

    def __init__(self, unit_seconds: float) -> None:
        self._unit_seconds = unit_seconds

    def open(self, context: StageContext) -> "AnimateWork":
        """The animation of all inputs in order, each read when it is wanted."""
        stage = context.stage
        parameters = stage.parameters
        if not isinstance(parameters, AnimateParameters):
            raise ConfigurationError(f"{stage.id} is no animate stage but {parameters.kind}")
        animation = Animation(
            animation_settings(parameters.animation),
            frames=len(stage.inputs),
            read=lambda number: read_input(context, stage.inputs[number]),
            comment=recipe(stage),
        )
        return AnimateWork(animation, f"animation.{parameters.animation.format}", self._unit_seconds)


class AnimateWork:
    """Units of about `unit_seconds`; where one ends never shows in the result."""

    def __init__(self, animation: Animation, name: str, unit_seconds: float) -> None:
        self._animation = animation
        self._name = name
        self._unit_seconds = unit_seconds

    @property
    def finished(self) -> bool:
        """Whether the animation is made."""
        return self._animation.finished

    @property
    def progress(self) -> float:
        """Share of the pictures that are in."""
        return self._animation.progress

    @property
    def detail(self) -> str:
        """The format, and the picture it is at."""
        return self._animation.detail

    @property
    def trace(self) -> tuple[dict[str, float], ...]:
        """Nothing is optimised here."""
        return ()

    @property
    def survey(self) -> Mapping[str, SurveyedLayer]:
        """Nothing is surveyed here."""
        return {}

    @property
    def kernels(self) -> Mapping[str, str]:
        """No network looks here."""
        return {}

    def restore(self, checkpoint: bytes) -> None:
        """Take up the pictures that are in."""
        self._animation.unpack(checkpoint)

    def advance(self) -> None:
        """Take pictures in until the unit's time is up or the last one is in."""
        end = time.monotonic() + self._unit_seconds
        while not self.finished:
            self._animation.advance()
            if time.monotonic() >= end:
                return

    def checkpoint(self) -> bytes:
        """The pictures that are in; nothing for an mp4, which begins anew."""
        return self._animation.pack()

    def preview(self) -> bytes | None:
        """The frames themselves are the previews."""
        return None

    def artifacts(self) -> Mapping[str, bytes]:
        """The one file."""
        return {self._name: self._animation.result()}


def animation_settings(spec: AnimationSpec) -> AnimationSettings:
    """The spec in the engine's own words."""
    return AnimationSettings(
        container=spec.format,
        frame_seconds=spec.frame_seconds,
        loop=0 if spec.loop == "forever" else spec.loop,
        crossfade=spec.crossfade,
        bounce=spec.bounce,
        palette=spec.palette,
        dither=spec.dither,
    )
