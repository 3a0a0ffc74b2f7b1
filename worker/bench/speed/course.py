"""The course: the networks, the pictures and the lengths that speed figures are measured over."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from shared.presets.catalogue import PICTURES
from worker.bench.figure import Target
from worker.engine.image import Image, Size, decode_png, resize
from worker.engine.networks import Network
from worker.engine.precision import Precision

PAINTER, DREAMER = "vgg16", "googlenet"
# Of the device's gain, what a step is to make of it: the design has 5.3 where it is 8.
GAINED = 5.3 / 8


class Shelf(Protocol):
    """Where networks stand."""

    def take(self, name: str, *, mixed: bool) -> Network:
        """The network of that name, in mixed precision where it may be and the device is fastest at it."""
        ...


@dataclass(frozen=True)
class Lengths:
    """How far a course goes.

    Attributes:
        content: size of what is painted.
        painting: size of the style image.
        arrival_scale: share of both, 0..1, at which a whole run of 120 steps is made.
        arrival_steps: steps of that run.
        dreamed: layers of the chain of dreams, one after another.
        dream: size of the picture that is dreamed.
        octaves: of every dream, its own size among them.
        steps: at every octave.
        rounds: how often every step is measured.
    """

    content: Size = (300, 400)
    painting: Size = (200, 300)
    arrival_scale: float = 0.5
    arrival_steps: int = 120
    dreamed: tuple[str, ...] = ("conv2d2", "mixed4c", "mixed5b")
    dream: Size = (300, 451)
    octaves: int = 3
    steps: int = 3
    rounds: int = 5


BRIEF = Lengths()
# As far as design and original program go.
FULL = Lengths(
    arrival_scale=1.0,
    dreamed=(
        *("conv2d1", "conv2d2"),
        *("mixed3a", "mixed3b", "mixed4a", "mixed4b", "mixed4c", "mixed4d", "mixed4e", "mixed5a", "mixed5b"),
    ),
    octaves=5,
    steps=10,
)


@dataclass(frozen=True, eq=False)
class Course:
    """What speed figures are measured over; a network is loaded when it is wanted for the first time.

    Attributes:
        shelf: where the networks stand.
        precision: what the device is fastest at.
        gain: how many times as fast as in float32 it is in that; it decides what can be asked of it.
        lengths: how far to go.
        content_layer: that a style compares contents at, as the original program does.
    """

    shelf: Shelf
    precision: Precision
    gain: float = 1.0
    lengths: Lengths = BRIEF
    content_layer: str = "conv3_1"

    @cached_property
    def painter(self) -> Network:
        """What looks while painting."""
        return self.shelf.take(PAINTER, mixed=True)

    @cached_property
    def exact_painter(self) -> Network:
        """The same for `classic` and for whoever has no mixed precision."""
        return self.shelf.take(PAINTER, mixed=False)

    @cached_property
    def dreamer(self) -> Network:
        """What looks while dreaming."""
        return self.shelf.take(DREAMER, mixed=True)

    @cached_property
    def exact_dreamer(self) -> Network:
        """The same for `classic` and for whoever has no mixed precision."""
        return self.shelf.take(DREAMER, mixed=False)

    def asked(self, in_float32: float, shrinking: float = 1.0) -> Target:
        """What is asked of a time.

        Args:
            in_float32: the limit on a device that is fastest in float32.
            shrinking: the share of it, 0..1, that a faster precision makes shorter.
        """
        faster = max(1.0, GAINED * self.gain)
        return Target("at most", in_float32 * (1.0 - shrinking + shrinking / faster))

    def scaled(self, scale: float) -> "Course":
        """The same with smaller pictures to paint, by a scale of 0..1."""
        lengths = self.lengths
        content, painting = (
            (round(height * scale), round(width * scale)) for height, width in (lengths.content, lengths.painting)
        )
        return replace(self, lengths=replace(lengths, content=content, painting=painting))

    @property
    def content(self) -> Image:
        """What is painted."""
        return picture("cat", self.lengths.content)

    @property
    def painting(self) -> Image:
        """What it is painted like."""
        return picture("coffee", self.lengths.painting)

    @property
    def dreamed(self) -> Image:
        """What is dreamed."""
        return picture("cat", self.lengths.dream)


def picture(name: str, size: Size) -> Image:
    """A picture of the presets in a size."""
    return resize(decode_png((PICTURES / f"{name}.jpg").read_bytes()), size)
