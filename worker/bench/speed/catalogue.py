"""All speed figures in the order of their table."""

from collections.abc import Callable, Iterator
from itertools import chain

from shared.settings import Settings
from worker.bench.figure import Figure
from worker.bench.speed.arrival import arrival_figures
from worker.bench.speed.chain import chain_figures
from worker.bench.speed.course import BRIEF, FULL, Course
from worker.bench.speed.peak import gain_over_float32
from worker.bench.speed.reports import report_figures
from worker.bench.speed.style import style_figures
from worker.bench.speed.traces import trace_figures
from worker.engine.arithmetic import arithmetic_here
from worker.engine.device import configure_device
from worker.stages.networks import NetworkShelf

MEASUREMENTS: tuple[Callable[[Course], Iterator[Figure]], ...] = (
    style_figures,
    chain_figures,
    arrival_figures,
    trace_figures,
    report_figures,
)


def speed_figures(settings: Settings, *, full: bool) -> Iterator[Figure]:
    """One figure after another, each measured when it is asked for.

    Args:
        settings: where the weights are, and how many threads compute.
        full: over the lengths of the design, which take half an hour on two cores, instead of a few minutes.
    """
    configure_device(settings.worker.threads)
    precision = arithmetic_here().precision
    shelf, gain = NetworkShelf(settings.weights, precision), gain_over_float32(precision)
    course = Course(shelf, precision, gain, FULL if full else BRIEF)
    return chain.from_iterable(measure(course) for measure in MEASUREMENTS)
