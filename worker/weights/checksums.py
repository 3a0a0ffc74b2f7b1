"""Checks that weights are the published ones, byte for byte."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from shared.errors import WeightsCorruptError
from worker.weights.manifest import Checksum


def tensors_digest(tensors: Mapping[str, np.ndarray]) -> str:
    """The sha256 of named tensors, whatever file they came in: sorted names, shapes, little-endian float32 values."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name], dtype="<f4")
        digest.update(f"{name} {tensor.shape}\n".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


def check_bytes(data: bytes, expected: Checksum, what: str) -> None:
    """Refuse bytes that are not the published ones.

    Raises:
        WeightsCorruptError: they hash to something else.
    """
    _compare(hashlib.new(expected.algorithm, data, usedforsecurity=False).hexdigest(), expected, what)


def check_file(path: Path, expected: Checksum) -> None:
    """Refuse a file that is not the published one, without holding it in memory.

    Raises:
        WeightsCorruptError: it hashes to something else.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.new(expected.algorithm, usedforsecurity=False))
    _compare(digest.hexdigest(), expected, str(path))


def _compare(got: str, expected: Checksum, what: str) -> None:
    if got != expected.hexdigest:
        raise WeightsCorruptError(
            f"{what} is not the published file: {expected.algorithm} is {got}, expected {expected.hexdigest}"
        )
