"""Speed figures of a chain of dreams."""

from collections.abc import Iterator

from worker.bench.figure import Figure
from worker.bench.speed.course import Course
from worker.bench.speed.plain import plain_chain
from worker.bench.speed.stopwatch import Work, side_by_side
from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Image
from worker.engine.networks import Network
from worker.engine.profile import CLASSIC_DREAM, MODERN_DREAM, DreamProfile

SEED = 7
ROUNDS = 2

# In float32; and of a dream, what a faster precision shortens: the design asks for 14 s of 25 where a step gains 5.3.
OVER_CLASSIC = OVER_PLAIN = 1.0
SHRINKING = 0.54


def chain_figures(course: Course) -> Iterator[Figure]:
    """A chain beside that of `classic` and that of plain TensorFlow."""
    lengths = course.lengths
    works: dict[str, Work] = {
        "modern": lambda: chained(course.dreamer, MODERN_DREAM, course),
        "classic": lambda: chained(course.exact_dreamer, CLASSIC_DREAM, course),
        "plain": lambda: plain_chain(
            course.exact_dreamer, lengths.dreamed, course.dreamed, lengths.octaves, lengths.steps
        ),
    }
    laps = side_by_side(works, ROUNDS)
    height, width = lengths.dream
    what = f"chain of {len(lengths.dreamed)} layers, {course.dreamer.name}, {width} x {height}, {course.precision}"
    yield Figure(
        "V5", f"{what}: over classic's", laps["modern"].over(laps["classic"]), course.asked(OVER_CLASSIC, SHRINKING)
    )
    over_plain = laps["modern"].over(laps["plain"])
    yield Figure("V6", f"{what}: over plain TensorFlow's", over_plain, course.asked(OVER_PLAIN, SHRINKING))


def chained(network: Network, profile: DreamProfile, course: Course) -> Image:
    """The picture dreamed through one layer after another."""
    image, lengths = course.dreamed, course.lengths
    for layer in lengths.dreamed:
        settings = DreamSettings(
            (DreamedLayer(layer),), iterations=lengths.steps, repeats=lengths.octaves - 1, profile=profile
        )
        image = carry_out(Dream(network, settings, image, SEED)).image
    return image
