"""The one place where TensorFlow is loaded late, so that only processes that dream ever load it."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from shared.plan.records import StageKind
from shared.settings import Settings
from worker.bench.figure import Figure
from worker.bench.timing import Timing
from worker.work import StageHandler

STDERR = 2


def load_handlers(settings: Settings) -> Mapping[StageKind, StageHandler]:
    """Load the engine and return a handler for every kind of stage.

    TensorFlow takes seconds and a gigabyte to load, and a process that loaded it must not fork: the worker's parent,
    `start` and `weights` do without it.
    """
    return _loaded("worker.stages.handlers").stage_handlers(settings)


def load_quality_figures(settings: Settings) -> Iterator[Figure]:
    """Load the engine and return the quality figures, each measured when it is asked for."""
    return _loaded("worker.bench.quality.catalogue").quality_figures(settings)


def load_speed_figures(settings: Settings, *, full: bool) -> Iterator[Figure]:
    """Load the engine and return the speed figures, each measured when it is asked for."""
    return _loaded("worker.bench.speed.catalogue").speed_figures(settings, full=full)


def load_timings(settings: Settings, sides: Sequence[int]) -> Iterator[Timing]:
    """Load the engine and return the times of steps, each taken when it is asked for."""
    return _loaded("worker.bench.speed.timings").timings(settings, sides)


def _loaded(module: str) -> ModuleType:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # No setting keeps TensorFlow from telling of its build at every start, which helps nobody.
    with _kept_back():
        return import_module(module)


@contextmanager
def _kept_back() -> Iterator[None]:
    """Keep back what native code writes to standard error; should it fail, show it all."""
    with tempfile.TemporaryFile() as kept, os.fdopen(os.dup(STDERR), "wb") as terminal:
        os.dup2(kept.fileno(), STDERR)
        try:
            yield
        except BaseException:
            kept.seek(0)
            terminal.write(kept.read())
            raise
        finally:
            os.dup2(terminal.fileno(), STDERR)
