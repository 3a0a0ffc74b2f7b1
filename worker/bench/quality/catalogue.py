"""All quality figures in the order of their table."""

from collections.abc import Callable, Iterator

from shared.settings import Settings
from worker.bench.figure import Figure
from worker.bench.quality.dreams import DREAM_FIGURES
from worker.bench.quality.kernels import KERNEL_FIGURES
from worker.bench.quality.memory import MEMORY_FIGURES
from worker.bench.quality.repeats import REPEAT_FIGURES
from worker.bench.quality.seams import SEAM_FIGURES
from worker.bench.quality.studio import Studio
from worker.bench.quality.styles import STYLE_FIGURES
from worker.engine.arithmetic import arithmetic_here, chosen_precision
from worker.engine.device import configure_device

QUALITY_FIGURES: tuple[Callable[[Studio], Figure], ...] = (
    *DREAM_FIGURES,
    *SEAM_FIGURES,
    *STYLE_FIGURES,
    *REPEAT_FIGURES,
    *KERNEL_FIGURES,
    *MEMORY_FIGURES,
)


def quality_figures(settings: Settings) -> Iterator[Figure]:
    """One figure after another, each measured when it is asked for, of pictures made in the settings' precision."""
    configure_device(settings.worker.threads)
    studio = Studio(settings.weights, chosen_precision(settings.worker.precision, arithmetic_here()))
    return (measure(studio) for measure in QUALITY_FIGURES)
