"""How fast a stage goes, and what people are told of it."""

import time
from collections.abc import Callable

Clock = Callable[[], float]


class Pace:
    """The speed of one attempt at a stage, as monotonic seconds and shares of the stage's work."""

    def __init__(self, seconds_before: float, progress: float, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._seconds_before = seconds_before
        self._progress_before = progress

    @property
    def seconds(self) -> float:
        """Time worked on the stage, all attempts."""
        return self._seconds_before + self._clock() - self._began

    def eta_seconds(self, progress: float) -> float | None:
        """Time left at the speed of this attempt; None before its first progress."""
        gained = progress - self._progress_before
        if gained <= 0:
            return None
        return (1 - progress) * (self._clock() - self._began) / gained


class Sparingly:
    """Says yes at most once in so many seconds."""

    def __init__(self, every_seconds: float, clock: Clock = time.monotonic) -> None:
        self._every_seconds = every_seconds
        self._clock = clock
        self._next = clock()

    def now(self) -> bool:
        """Whether it is time again."""
        if self._clock() < self._next:
            return False
        self._next = self._clock() + self._every_seconds
        return True

    def rest(self, seconds: float) -> None:
        """Say no for this long from now, or for longer."""
        self._next = max(self._next, self._clock() + seconds)


def progress_text(progress: float, detail: str, eta_seconds: float | None) -> str:
    """What Flower shows, such as `42% | mixed4c | octave 3/5 | 18 s left`."""
    parts = [f"{int(progress * 100)}%", detail]
    if eta_seconds is not None:
        parts.append(f"{_duration(eta_seconds)} left")
    return " | ".join(part for part in parts if part)


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
