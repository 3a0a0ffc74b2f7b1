"""Animations: frames in, the bytes of a looping GIF out."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import numpy as np
from imageio.v3 import imopen

from worker.engine.errors import SettingsError
from worker.engine.image import Image, to_bytes

COLOR_BITS = 8
FOREVER = 0
# Where frames blend into each other, each is held still for this share of its time.
HELD_SHARE = 0.5
# GIF counts in hundredths of a second, and browsers slow anything under two of them down to ten.
TICK_MS = 10
SHORTEST_MS = 20


def encode_gif(
    frames: Iterable[Image],
    frame_seconds: float,
    loop: int = FOREVER,
    crossfade: int = 0,
    bounce: bool = False,
) -> bytes:
    """Write frames as an animated GIF, each with its own palette; same input, same bytes.

    Args:
        frames: one or more images of one size; read one at a time, and kept as bytes.
        frame_seconds: from one frame to the next, blended frames between them included; above 0.
        loop: how often to play; 0 is forever.
        crossfade: blended frames between neighbours, 0 or more.
        bounce: play back to the start before playing again.

    Raises:
        SettingsError: no frames, frames of two sizes, or a number out of its range.
    """
    _check(frame_seconds, loop, crossfade)
    forth = [to_bytes(picture) for picture in crossfaded(frames, crossfade)]
    if not forth:
        raise SettingsError("frames", 0, "one or more")
    shown = forth + forth[-2:0:-1] if bounce else forth
    held, blended = _durations(frame_seconds, crossfade)
    durations = [blended if index % (crossfade + 1) else held for index in range(len(shown))]
    # A single picture's time is a number to Pillow, several pictures' a list.
    duration = durations if len(shown) > 1 else held
    # Each picture has the 256 colours that suit it, undithered: dreams are grain all over, and grain needs no dither.
    options: dict[str, Any] = {"bits": COLOR_BITS, "duration": duration, "disposal": 1}
    # The extension counts repeats after the first time; without it a GIF plays once.
    if loop != 1:
        options["loop"] = 0 if loop == FOREVER else loop - 1
    buffer = BytesIO()
    with imopen(buffer, "w", plugin="pillow", extension=".gif") as file:
        file.write(shown, **options)
    return buffer.getvalue()


def crossfaded(frames: Iterable[Image], blends: int) -> Iterator[Image]:
    """The frames with `blends` even mixtures between every two neighbours.

    Raises:
        SettingsError: the frames are of two sizes.
    """
    before: Image | None = None
    for frame in frames:
        if before is not None and frame.shape != before.shape:
            raise SettingsError("frame size", frame.shape[:2], f"that of the first frame, {before.shape[:2]}")
        if before is not None:
            for index in range(1, blends + 1):
                share = index / (blends + 1)
                yield ((1 - share) * before + share * frame).astype(np.float32)
        yield frame
        before = frame


def _check(frame_seconds: float, loop: int, crossfade: int) -> None:
    ranges = (
        ("frame_seconds", frame_seconds, frame_seconds > 0, "more than 0"),
        ("loop", loop, loop >= 0, "0 (forever) or more"),
        ("crossfade", crossfade, crossfade >= 0, "0 or more"),
    )
    for name, got, held, possible in ranges:
        if not held:
            raise SettingsError(name, got, possible)


def _durations(frame_seconds: float, crossfade: int) -> tuple[int, int]:
    """Milliseconds that a frame, or a blended one, is shown."""
    held = frame_seconds * HELD_SHARE if crossfade else frame_seconds
    blended = (frame_seconds - held) / max(1, crossfade)
    return _ticks(held), _ticks(blended)


def _ticks(seconds: float) -> int:
    return max(SHORTEST_MS, TICK_MS * round(seconds * 1000 / TICK_MS))
