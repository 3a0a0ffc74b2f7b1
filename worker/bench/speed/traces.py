"""Figures of traces: how often a network is walked to be compiled, and what that is worth to the stages that follow."""

import statistics
from collections.abc import Iterator
from dataclasses import replace

import tensorflow as tf

from worker.bench.figure import Figure, Target
from worker.bench.speed.course import Course, picture
from worker.bench.speed.stopwatch import seconds_of
from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Size
from worker.engine.networks import Network, Padding
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings

SEED = 7
# Frames of a job, no two of a size.
FRAMES: tuple[Size, ...] = ((64, 96), (72, 64), (80, 100))
# Another size each, so that every stage would have to be traced anew if sizes were.
STAGES: tuple[Size, ...] = ((160, 160), (168, 152), (144, 176), (176, 144), (152, 168))
TILED, TILE = (96, 200), 64

# The content's look, the styles', the descent, and the last look at what is returned.
STYLE_TRACES = Target("at most", 4)
# The steps on a whole picture, and the gradient of a tile.
DREAM_TRACES = Target("at most", 2)
# oneDNN prepares its kernels anew for every size, which is half a step; a trace would be dozens.
WARM = Target("at most", 2.0)


class Walks:
    """Counts how often a network is walked; where all is compiled, that is once a trace."""

    def __init__(self, network: Network) -> None:
        self.count = 0
        self._walk = network.walk
        self.network = replace(network, walk=self)

    def __call__(self, images: tf.Tensor, padding: Padding) -> Iterator[tuple[str, tf.Tensor]]:
        """One walk."""
        self.count += 1
        return self._walk(images, padding)


def trace_figures(course: Course) -> Iterator[Figure]:
    """Traces of a job's frames, of a large picture's tiles, and the first call of a stage that finds them made."""
    frames = len(FRAMES)
    yield Figure("V9", f"traces of {frames} styles, no two of a size, 2 levels each", _styles(course), STYLE_TRACES)
    tiled = "traces of a dream of 3 octaves, in tiles where they are larger than one"
    yield Figure("V9", tiled, _tiled_dream(course), DREAM_TRACES)
    yield Figure("V10", "first call of a later stage over its second", _later_stage(course), WARM)


def _styles(course: Course) -> int:
    walks = Walks(course.painter)
    settings = StyleSettings(
        iterations=2, levels=2, style_layers=course.painter.layers, content_layers=(course.content_layer,)
    )
    painting = picture("coffee", FRAMES[0])
    for size in FRAMES:
        carry_out(Style(walks.network, settings, picture("cat", size), [(painting, 1.0)], SEED))
    return walks.count


def _tiled_dream(course: Course) -> int:
    walks = Walks(course.dreamer)
    settings = DreamSettings((_middle(course),), iterations=1, repeats=2, tile_size=TILE)
    carry_out(Dream(walks.network, settings, picture("cat", TILED), SEED))
    return walks.count


def _later_stage(course: Course) -> float:
    """The median over stages that follow one, none of them of its size."""
    settings = DreamSettings((_middle(course),), iterations=3, repeats=0, unit_steps=1)
    dreams = [Dream(course.dreamer, settings, picture("cat", size), SEED) for size in STAGES]
    carry_out(dreams[0])
    ratios: list[float] = []
    for dream in dreams[1:]:
        begun = dream.begin()
        first = seconds_of(lambda dream=dream, begun=begun: dream.advance(begun))
        ratios.append(first / seconds_of(lambda dream=dream, begun=begun: dream.advance(begun)))
    return statistics.median(ratios)


def _middle(course: Course) -> DreamedLayer:
    return DreamedLayer(course.lengths.dreamed[len(course.lengths.dreamed) // 2])
