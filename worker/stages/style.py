"""The style stage: pictures painted in the style of others."""

from collections.abc import Sequence
from itertools import islice

from shared.errors import ConfigurationError
from shared.plan.parameters import StyleParameters
from worker.engine.image import Image
from worker.engine.plateau import Plateau
from worker.engine.profile import STYLE_PROFILES
from worker.engine.regions import Regions, mask_of
from worker.engine.style import Style
from worker.engine.style_batch import BatchState, StyleBatch
from worker.engine.style_settings import StyleSettings
from worker.engine.style_state import StyleState
from worker.stages.computed import ComputedWork
from worker.stages.inputs import read_input
from worker.stages.networks import NetworkShelf
from worker.work import StageContext


class StyleHandler:
    """Opens style stages."""

    def __init__(self, shelf: NetworkShelf, unit_seconds: float, *, side_by_side: bool) -> None:
        self._shelf = shelf
        self._unit_seconds = unit_seconds
        self._side_by_side = side_by_side

    def open(self, context: StageContext) -> ComputedWork[StyleState] | ComputedWork[BatchState]:
        """The painting of the first inputs, one a seed, in the style of the others."""
        parameters = context.stage.parameters
        if not isinstance(parameters, StyleParameters):
            raise ConfigurationError(f"{context.stage.id} is no style stage but {parameters.kind}")
        pictures = iter([read_input(context, item) for item in context.stage.inputs])
        contents, styles = (list(islice(pictures, len(own))) for own in (parameters.seeds, parameters.image_weights))
        weighted = list(zip(styles, parameters.image_weights, strict=True))
        settings = style_settings(parameters)
        network = self._shelf.take(parameters.network, mixed=settings.profile.mixed)
        regions = regions_of(parameters, list(pictures))
        paintings = [
            Style(network, settings, content, weighted, seed, regions, context.alive)
            for content, seed in zip(contents, parameters.seeds, strict=True)
        ]
        if len(paintings) == 1:
            return ComputedWork(paintings[0], context.stage, self._unit_seconds, network.precision)
        batch = StyleBatch(paintings, abreast=len(paintings) if self._side_by_side else 1)
        return ComputedWork(batch, context.stage, self._unit_seconds, network.precision)


def regions_of(parameters: StyleParameters, masks: Sequence[Image]) -> Regions | None:
    """Where each style holds, by the pictures that are masks."""
    if not masks:
        return None
    pairs = zip(masks, parameters.inverted, strict=True)
    return Regions(tuple(mask_of(image, inverted=inverted) for image, inverted in pairs), parameters.regions)


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
        content_layer_weights=parameters.content_layer_weights,
        style_layer_weights=parameters.style_layer_weights,
        start_noise=parameters.start_noise,
        outcome=parameters.result,
        plateau=Plateau(**parameters.plateau.model_dump()) if parameters.plateau else None,
        memory_gib=parameters.memory_gib,
        levels=parameters.levels,
        colors=parameters.colors,
        profile=STYLE_PROFILES[parameters.profile],
    )
