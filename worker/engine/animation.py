"""Joins frames into a moving picture."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

from worker.engine.errors import SettingsError
from worker.engine.image import Image, to_bytes

Bytes: TypeAlias = NDArray[np.uint8]

COLORS = 256
SHORTEST_SECONDS = 0.02
"""Browsers show anything shorter ten times slower than asked."""
HELD_SHARE = 0.5
"""Where frames blend into each other, each is held still for this share of its time."""


@dataclass(frozen=True)
class Moment:
    """One picture of the animation: a frame, or a blend of it with the next.

    Attributes:
        first: number of the frame.
        second: number of the frame blended in.
        share: of the second frame, 0..1.
        seconds: how long the picture is shown.
    """

    first: int
    second: int
    share: float
    seconds: float


def moments(count: int, frame_seconds: float, crossfade: int, *, bounce: bool) -> tuple[Moment, ...]:
    """The pictures of an animation in order.

    Args:
        count: frames, 1 or more.
        frame_seconds: how long each frame takes, its blend into the next included.
        crossfade: blended pictures between two frames, 0 or more.
        bounce: forward, then backward; the ends are shown once.
    """
    order = [*range(count), *(range(count - 2, 0, -1) if bounce else ())]
    # What loops blends from the last picture into the first as well; a plain run jumps back to its beginning.
    following = [*order[1:], order[0] if bounce else order[-1]]
    held = frame_seconds * HELD_SHARE if crossfade else frame_seconds
    blend_seconds = (frame_seconds - held) / crossfade if crossfade else 0.0
    shown: list[Moment] = []
    for first, second in zip(order, following, strict=True):
        shown.append(Moment(first, first, 0.0, max(held, SHORTEST_SECONDS)))
        if first != second:
            shares = [(i + 1) / (crossfade + 1) for i in range(crossfade)]
            shown += [Moment(first, second, share, max(blend_seconds, SHORTEST_SECONDS)) for share in shares]
    return tuple(shown)


def encode_gif(
    frames: Iterable[Image], frame_seconds: float, loop: int, crossfade: int = 0, *, bounce: bool = False
) -> bytes:
    """A GIF with a palette for every picture, chosen from its own colours and dithered.

    Args:
        frames: 0..255, all of one size.
        frame_seconds: how long each frame takes, its blend into the next included.
        loop: how often it plays, 0 for ever.
        crossfade: blended pictures between two frames.
        bounce: forward, then backward.

    Raises:
        SettingsError: no frames, or frames of different sizes.
    """
    opened = [to_bytes(frame) for frame in frames]
    sizes = {frame.shape[:2] for frame in opened}
    if len(sizes) != 1:
        raise SettingsError("frames", sorted(sizes), "one or more, all of one size")
    plan = moments(len(opened), frame_seconds, crossfade, bounce=bounce)
    pictures = (_with_palette(_shown(opened, moment)) for moment in plan)
    buffer = io.BytesIO()
    next(pictures).save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=pictures,
        duration=[round(moment.seconds * 100) * 10 for moment in plan],
        disposal=1,
        # The format counts repetitions after the first run; leaving the field out means none.
        **({"loop": max(0, loop - 1)} if loop != 1 else {}),
    )
    return buffer.getvalue()


def _shown(frames: Sequence[Bytes], moment: Moment) -> Bytes:
    if not moment.share:
        return frames[moment.first]
    blend = (1 - moment.share) * frames[moment.first] + moment.share * frames[moment.second]
    return np.rint(blend).astype(np.uint8)


def _with_palette(pixels: Bytes) -> Pictures.Image:
    """The 256 colours that suit a picture best, diffused so that smooth parts show no steps."""
    picture = Pictures.fromarray(pixels)
    palette = picture.quantize(COLORS, method=Pictures.Quantize.MEDIANCUT, kmeans=1)
    return picture.quantize(palette=palette, dither=Pictures.Dither.FLOYDSTEINBERG)
