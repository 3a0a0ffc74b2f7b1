"""The figure of repeats: whether what is made again, put away and taken up at every turn, has the same bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np

from worker.bench.figure import Figure, Target
from worker.bench.quality.studio import Studio
from worker.engine.animation import Animation, AnimationSettings
from worker.engine.computation import Computation, Result, carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import encode_png
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings

SEED = 7
SIDE = 64
DREAMING = DreamSettings((DreamedLayer("mixed3b"),), iterations=8, repeats=1, unit_steps=3)
STYLING = StyleSettings(iterations=8, unit_steps=3)
JOINING = AnimationSettings(crossfade=2)


@dataclass(frozen=True)
class Way:
    """How work is carried out; each is handed what opens it, as a worker is that takes it up.

    Attributes:
        compute: carries out a dream or a style.
        join: carries out an animation.
    """

    compute: Callable[[Callable[[], Computation[Any]]], Result]
    join: Callable[[Callable[[], Animation]], bytes]


def differing_bytes(studio: Studio) -> Figure:
    """R1 in one process: the PNG of a dream, that of its painting, and the GIF of both."""
    pairs = zip(_made(studio, AT_ONCE), _made(studio, PUT_AWAY), strict=True)
    what = "bytes of PNGs and GIF that differ, at once or put away after every unit"
    return Figure("R1", what, sum(_differing(one, other) for one, other in pairs), Target("at most", 0))


REPEAT_FIGURES: tuple[Callable[[Studio], Figure], ...] = (differing_bytes,)


def _made(studio: Studio, way: Way) -> tuple[bytes, ...]:
    photo, painting = studio.picture("cat", SIDE), studio.picture("painting", SIDE)
    dreamed = way.compute(lambda: Dream(studio.googlenet, DREAMING, photo, SEED)).image
    painted = way.compute(lambda: Style(studio.vgg16, STYLING, dreamed, [(painting, 1.0)], SEED)).image
    frames = (dreamed, painted)
    joined = way.join(lambda: Animation(JOINING, len(frames), frames.__getitem__))
    return encode_png(dreamed), encode_png(painted), joined


def _computed_put_away(open_work: Callable[[], Computation[Any]]) -> Result:
    state = open_work().begin()
    while not open_work().finished(state):
        computation = open_work()
        file = BytesIO()
        arrays: dict[str, Any] = computation.pack(computation.advance(state))
        np.savez(file, allow_pickle=False, **arrays)
        with np.load(BytesIO(file.getvalue()), allow_pickle=False) as put_away:
            state = open_work().unpack(dict(put_away))
    return open_work().result(state)


def _joined_at_once(open_work: Callable[[], Animation]) -> bytes:
    animation = open_work()
    while not animation.finished:
        animation.advance()
    return animation.result()


def _joined_put_away(open_work: Callable[[], Animation]) -> bytes:
    animation = open_work()
    animation.advance()
    while not animation.finished:
        put_away = animation.pack()
        animation = open_work()
        animation.unpack(put_away)
        animation.advance()
    return animation.result()


AT_ONCE = Way(lambda open_work: carry_out(open_work()), _joined_at_once)
PUT_AWAY = Way(_computed_put_away, _joined_put_away)


def _differing(one: bytes, other: bytes) -> int:
    """Bytes that are not the same, those included that only one has."""
    return abs(len(one) - len(other)) + sum(a != b for a, b in zip(one, other, strict=False))
