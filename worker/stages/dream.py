"""The dream stage: one layer dreamed into one picture."""

from shared.errors import ConfigurationError
from shared.plan.parameters import DreamParameters
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.dream_state import DreamState
from worker.engine.profile import DREAM_PROFILES
from worker.stages.computed import ComputedWork
from worker.stages.inputs import read_input
from worker.stages.networks import NetworkShelf
from worker.work import StageContext


class DreamHandler:
    """Opens dream stages."""

    def __init__(self, shelf: NetworkShelf, unit_seconds: float) -> None:
        self._shelf = shelf
        self._unit_seconds = unit_seconds

    def open(self, context: StageContext) -> ComputedWork[DreamState]:
        """The dream of the first input; a second is its guide."""
        parameters = context.stage.parameters
        if not isinstance(parameters, DreamParameters):
            raise ConfigurationError(f"{context.stage.id} is no dream stage but {parameters.kind}")
        image, *guides = (read_input(context, item) for item in context.stage.inputs)
        settings = dream_settings(parameters)
        network = self._shelf.take(parameters.network, mixed=settings.profile.mixed)
        guide = guides[0] if guides else None
        dream = Dream(network, settings, image, parameters.seed, guide, context.alive)
        return ComputedWork(dream, context.stage, self._unit_seconds, network.precision)


def dream_settings(parameters: DreamParameters) -> DreamSettings:
    """The parameters in the engine's own words."""
    return DreamSettings(
        layers=tuple(DreamedLayer(**layer.model_dump()) for layer in parameters.layers),
        objective=parameters.objective,
        iterations=parameters.iterations,
        step_size=parameters.step_size,
        repeats=parameters.repeats,
        rescale_factor=parameters.rescale_factor,
        blend=parameters.blend,
        tile_size=parameters.tile_size,
        hold_tone=parameters.hold_tone,
        profile=DREAM_PROFILES[parameters.profile],
    )
