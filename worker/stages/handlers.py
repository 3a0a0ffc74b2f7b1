"""The table of handlers by kind of stage. Importing it loads TensorFlow."""

from collections.abc import Mapping

from shared.plan.records import StageKind
from shared.settings import Settings
from worker.engine.arithmetic import arithmetic_here, chosen_precision
from worker.engine.device import configure_device
from worker.stages.animate import AnimateHandler
from worker.stages.dream import DreamHandler
from worker.stages.networks import NetworkShelf
from worker.stages.style import StyleHandler
from worker.work import StageHandler


def stage_handlers(settings: Settings) -> Mapping[StageKind, StageHandler]:
    """A handler for every kind of stage, sharing the networks they load."""
    device = configure_device(settings.worker.threads)
    shelf = NetworkShelf(settings.weights, chosen_precision(settings.worker.precision, arithmetic_here()))
    unit_seconds = settings.worker.unit_seconds
    return {
        StageKind.DREAM: DreamHandler(shelf, unit_seconds),
        StageKind.STYLE: StyleHandler(shelf, unit_seconds, side_by_side=device.kind == "gpu"),
        StageKind.ANIMATE: AnimateHandler(unit_seconds),
    }
