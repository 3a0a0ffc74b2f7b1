"""Prints what the original programs reach where `docs/quality.md` compares: `python -m tests.benchmarks.originals`."""

from shared.settings import settings_in_force
from shared.spec.profile import STYLE_DEFAULTS
from worker.bench.quality.dreams import chain_gains
from worker.bench.quality.studio import Studio
from worker.bench.quality.styles import content_lost, style_left
from worker.engine.device import configure_device
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.profile import CLASSIC_DREAM, CLASSIC_STYLE
from worker.engine.style_settings import StyleSettings

CLASSIC = STYLE_DEFAULTS["classic"]


def main() -> None:
    """One line a figure."""
    configure_device()
    studio = Studio(settings_in_force().weights)
    chain = [DreamSettings((DreamedLayer(layer),), profile=CLASSIC_DREAM) for layer in studio.googlenet.layers[1:]]
    gains = chain_gains(studio, chain)
    print(f"D1 along the chain: {' '.join(f'{gain:.3g}' for gain in gains)}; least {min(gains):.3g}")  # noqa: T201
    settings = classic_settings(studio)
    print(f"S1 {style_left(studio, settings):.3f}  S2 {content_lost(studio, settings):.3f}")  # noqa: T201


def classic_settings(studio: Studio) -> StyleSettings:
    """The original program's, as the profile's defaults have them."""
    layers = studio.vgg16.layers
    return StyleSettings(
        iterations=CLASSIC["iterations"],
        optimizer=CLASSIC["optimizer"],
        step_size=CLASSIC["step_size"],
        **{f"{name}_weight": weight for name, weight in CLASSIC["weights"].items()},
        content_layers=tuple(layers[number] for number in CLASSIC["content_layers"]),
        style_layers=layers,
        profile=CLASSIC_STYLE,
    )


if __name__ == "__main__":
    main()
