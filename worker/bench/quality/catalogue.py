"""All quality figures in the order of their table."""

from collections.abc import Callable, Iterator

from shared.settings import Settings
from worker.bench.figure import Figure
from worker.bench.quality.dreams import DREAM_FIGURES
from worker.bench.quality.seams import SEAM_FIGURES
from worker.bench.quality.studio import Studio
from worker.engine.device import configure_device

QUALITY_FIGURES: tuple[Callable[[Studio], Figure], ...] = (*DREAM_FIGURES, *SEAM_FIGURES)


def quality_figures(settings: Settings) -> Iterator[Figure]:
    """One figure after another, each measured when it is asked for."""
    configure_device(settings.worker.threads)
    studio = Studio(settings.weights)
    return (measure(studio) for measure in QUALITY_FIGURES)
