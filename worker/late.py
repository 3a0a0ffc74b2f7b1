"""The one place where TensorFlow is loaded late, so that only processes that dream ever load it."""

import os
from collections.abc import Mapping
from importlib import import_module

from shared.plan.records import StageKind
from shared.settings import Settings
from worker.work import StageHandler


def load_handlers(settings: Settings) -> Mapping[StageKind, StageHandler]:
    """Load the engine and return a handler for every kind of stage.

    TensorFlow takes seconds and a gigabyte to load, and a process that loaded it must not fork: the worker's parent,
    `start` and `weights` do without it.
    """
    # What TensorFlow has to say of its build at every start helps nobody; errors still show.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    handlers = import_module("worker.stages.handlers")
    return handlers.stage_handlers(settings)
