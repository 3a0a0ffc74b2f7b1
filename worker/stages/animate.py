"""The animate stage: all frames joined into one moving picture."""

from collections.abc import Iterator, Mapping

from shared.errors import ConfigurationError
from shared.plan.parameters import AnimateParameters
from shared.spec.animation import AnimationSpec
from worker.engine.animation import encode_gif
from worker.engine.image import Image
from worker.stages.inputs import read_input
from worker.work import StageContext


class AnimateHandler:
    """Opens animate stages."""

    def open(self, context: StageContext) -> "AnimateWork":
        """The animation of all inputs in order."""
        parameters = context.stage.parameters
        if not isinstance(parameters, AnimateParameters):
            raise ConfigurationError(f"{context.stage.id} is no animate stage but {parameters.kind}")
        return AnimateWork(context, parameters.animation)


class AnimateWork:
    """Done in one unit: joining takes seconds, and frames are read one by one."""

    def __init__(self, context: StageContext, animation: AnimationSpec) -> None:
        self._context = context
        self._animation = animation
        self._encoded: bytes | None = None

    @property
    def finished(self) -> bool:
        """Whether the animation is made."""
        return self._encoded is not None

    @property
    def progress(self) -> float:
        """Nothing or all."""
        return float(self.finished)

    @property
    def detail(self) -> str:
        """How many frames are joined."""
        return f"{self._animation.format} | {len(self._context.stage.inputs)} frames"

    @property
    def trace(self) -> tuple[dict[str, float], ...]:
        """Nothing is optimised here."""
        return ()

    def restore(self, checkpoint: bytes) -> None:
        """Nothing to take up: the only unit starts anew."""

    def advance(self) -> None:
        """Join all frames."""
        loop = 0 if self._animation.loop == "forever" else self._animation.loop
        self._encoded = encode_gif(
            self._frames(),
            frame_seconds=self._animation.frame_seconds,
            loop=loop,
            crossfade=self._animation.crossfade,
            bounce=self._animation.bounce,
        )

    def checkpoint(self) -> bytes:
        """Nothing to put away."""
        return b""

    def preview(self) -> bytes | None:
        """The frames themselves are the previews."""
        return None

    def artifacts(self) -> Mapping[str, bytes]:
        """The one file."""
        if self._encoded is None:
            raise RuntimeError("the animation is not made yet; advance first")
        return {f"animation.{self._animation.format}": self._encoded}

    def _frames(self) -> Iterator[Image]:
        for item in self._context.stage.inputs:
            yield read_input(self._context, item)
