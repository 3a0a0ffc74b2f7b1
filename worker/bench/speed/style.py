"""Speed figures of a step of a style."""

import statistics
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from worker.bench.figure import Figure, Target
from worker.bench.speed.course import Course
from worker.bench.speed.peak import peak_rates, peak_works, style_operations
from worker.bench.speed.plain import PlainStyle
from worker.bench.speed.stopwatch import Laps, Work, side_by_side
from worker.engine.profile import CLASSIC_STYLE, MODERN_STYLE
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings

SEED = 7
# A stage's steps by default; what is compiled is compiled for all of them.
USUAL_STEPS = StyleSettings().iterations

# In float32 both make the same products: now one is a little faster, now the other.
NO_SLOWER = Target("at most", 1.1)
# In float32; less where the device is faster in another precision.
OVER_CLASSIC, OVER_PLAIN = 1.0, 0.8
PEAK_SHARE = Target("at least", 0.7)
# Tracing takes Python as long wherever the steps are fast.
TRACING = Target("at most", 0.1)


def style_figures(course: Course) -> Iterator[Figure]:
    """A step beside that of `classic` and that of plain TensorFlow, and its share of the device's peak."""
    works: dict[str, Work] = {
        "modern": Underway(modern_style(course)).go,
        "classic": Underway(classic_style(course)).go,
    }
    plain = PlainStyle(course.exact_painter, course.content, course.painting, course.content_layer)
    peaks = {**peak_works("float32"), **peak_works(course.precision)}
    laps = side_by_side({**works, "plain": plain.step, **peaks}, course.lengths.rounds)
    what = f"style step, {course.painter.name}, {_size(course)}, {course.precision}"
    modern = laps["modern"]
    asked = course.asked(OVER_CLASSIC) if course.gain > 1.0 else NO_SLOWER
    yield Figure("V1", f"{what}: over classic's", modern.over(laps["classic"]), asked)
    yield Figure("V2", f"{what}: over plain TensorFlow's", modern.over(laps["plain"]), course.asked(OVER_PLAIN))
    yield Figure("V3", f"{what}: time at the device's peak over its time", _peak_share(course, laps), PEAK_SHARE)
    tracing = max(0.0, modern.first - modern.usual)
    share = tracing / (tracing + USUAL_STEPS * modern.usual)
    yield Figure("V4", f"first call's share of {USUAL_STEPS} such steps", share, TRACING)


def modern_style(course: Course) -> Style:
    """All layers at one size, a unit a step."""
    settings = StyleSettings(
        profile=MODERN_STYLE,
        style_layers=course.painter.layers,
        content_layers=(course.content_layer,),
        levels=1,
        unit_steps=1,
    )
    return Style(course.painter, settings, course.content, [(course.painting, 1.0)], SEED)


def classic_style(course: Course) -> Style:
    """What the original program computes, a unit a step."""
    return Style(course.exact_painter, classic_settings(course, 1), course.content, [(course.painting, 1.0)], SEED)


def classic_settings(course: Course, unit_steps: int) -> StyleSettings:
    """The original program's own."""
    return StyleSettings(
        iterations=course.lengths.arrival_steps,
        optimizer="gradient-descent",
        step_size=10.0,
        style_weight=10.0,
        content_weight=1.5,
        denoise_weight=0.3,
        content_layers=(course.content_layer,),
        style_layers=course.exact_painter.layers,
        profile=CLASSIC_STYLE,
        unit_steps=unit_steps,
        levels=1,
    )


class Underway:
    """A style on its way."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._state = style.begin()

    @property
    def made(self) -> int:
        """Steps made."""
        return self._state.step

    @property
    def image(self) -> NDArray[np.floating]:
        """The picture as it stands."""
        return self._state.mixture.image

    def go(self, units: int = 1) -> None:
        """Go on by so many units."""
        for _ in range(units):
            self._state = self._style.advance(self._state)


def _peak_share(course: Course, laps: Mapping[str, Laps]) -> float:
    """The median over rounds; every product is held against the peak of the precision that it is computed in."""
    operations = style_operations(course.painter, course.lengths.content)
    rounds = zip(laps["modern"].rounds, peak_rates(laps, course.precision), peak_rates(laps, "float32"), strict=True)
    shares = [
        (operations.convolutions / peak + operations.grams / exact_peak) / seconds
        for seconds, peak, exact_peak in rounds
    ]
    return statistics.median(shares)


def _size(course: Course) -> str:
    height, width = course.lengths.content
    return f"{width} x {height}"
