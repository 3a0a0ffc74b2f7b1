"""Which pictures an animation shows, in which order and for how long."""

from dataclasses import dataclass
from functools import cached_property

from worker.engine.errors import SettingsError

# Where frames blend into each other, each is held still for this share of its time.
HELD_SHARE = 0.5
# GIF counts in hundredths of a second, and browsers slow anything under two of them down to ten.
TICK_MS = 10
SHORTEST_MS = 20


@dataclass(frozen=True)
class Moment:
    """One picture: a frame, or a mixture of two neighbours.

    Attributes:
        first: the frame's number.
        second: the neighbour's, or `first` again.
        share: of the neighbour in the mixture, 0 to 1 without 1.
        milliseconds: how long it is shown.
    """

    first: int
    second: int
    share: float
    milliseconds: int


@dataclass(frozen=True)
class Timeline:
    """All moments of an animation.

    Attributes:
        frames: how many there are, 1 or more.
        frame_seconds: from one frame to the next, blended pictures between them included; above 0.
        crossfade: blended pictures between neighbours, 0 or more.
        bounce: play back to the start before playing again.

    Raises:
        SettingsError: a number out of its range.
    """

    frames: int
    frame_seconds: float
    crossfade: int = 0
    bounce: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be shown."""
        ranges = (
            ("frames", self.frames, self.frames >= 1, "one or more"),
            ("frame_seconds", self.frame_seconds, self.frame_seconds > 0, "more than 0"),
            ("crossfade", self.crossfade, self.crossfade >= 0, "0 or more"),
        )
        for name, got, held, possible in ranges:
            if not held:
                raise SettingsError(name, got, possible)

    @property
    def forth(self) -> int:
        """How many pictures lead from the first frame to the last."""
        return self.frames + (self.frames - 1) * self.crossfade

    def __len__(self) -> int:
        """How many pictures are shown; bouncing shows the first and the last frame once."""
        return max(self.forth, 2 * self.forth - 2) if self.bounce else self.forth

    @cached_property
    def held_ms(self) -> int:
        """How long a frame is shown, in milliseconds."""
        return _ticks(self.frame_seconds * (HELD_SHARE if self.crossfade else 1))

    @cached_property
    def blended_ms(self) -> int:
        """How long a blended picture is shown, in milliseconds."""
        return _ticks(self.frame_seconds * (1 - HELD_SHARE) / max(1, self.crossfade))

    def moment(self, number: int) -> Moment:
        """The picture of that number, from 0."""
        # On the way back, the same pictures come in turn from the last but one.
        place = number if number < self.forth else 2 * self.forth - 2 - number
        first, blend = divmod(place, self.crossfade + 1)
        if not blend:
            return Moment(first, first, 0.0, self.held_ms)
        return Moment(first, first + 1, blend / (self.crossfade + 1), self.blended_ms)


def _ticks(seconds: float) -> int:
    return max(SHORTEST_MS, TICK_MS * round(seconds * 1000 / TICK_MS))
