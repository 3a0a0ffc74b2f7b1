"""The style stage: one picture painted in the style of others."""

from shared.errors import ConfigurationError
from shared.plan.parameters import StyleParameters
from worker.engine.profile import STYLE_PROFILES
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings
from worker.engine.style_state import StyleState
from worker.stages.computed import ComputedWork
from worker.stages.inputs import read_input
from worker.stages.networks import NetworkShelf
from worker.work import StageContext


class StyleHandler:
    """Opens style stages."""

    def __init__(self, shelf: NetworkShelf, unit_seconds: float) -> None:
        self._shelf = shelf
        self._unit_seconds = unit_seconds

    def open(self, context: StageContext) -> ComputedWork[StyleState]:
        """The painting of the first input in the style of the others."""
        parameters = context.stage.parameters
        if not isinstance(parameters, StyleParameters):
            raise ConfigurationError(f"{context.stage.id} is no style stage but {parameters.kind}")
        content, *styles = (read_input(context, item) for item in context.stage.inputs)
        weighted = list(zip(styles, parameters.image_weights, strict=True))
        network = self._shelf.take(parameters.network)
        style = Style(network, style_settings(parameters), content, weighted, parameters.seed)
        return ComputedWork(style, context.stage, self._unit_seconds)


def style_settings(parameters: StyleParameters) -> StyleSettings:
    """The parameters in the engine's own words."""
    return StyleSettings(
        iterations=parameters.iterations,
        optimizer=parameters.optimizer,
        step_size=parameters.step_size,
        style_weight=parameters.weights.style,
        content_weight=parameters.weights.content,
        denoise_weight=parameters.weights.denoise,
        content_layers=parameters.content_layers,
        style_layers=parameters.style_layers,
        levels=parameters.levels,
        colors=parameters.colors,
        profile=STYLE_PROFILES[parameters.profile],
    )
