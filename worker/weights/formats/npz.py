"""Weights as numpy's `.npz`: keys `LAYER/kernel` (HWIO) and `LAYER/bias`."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """All tensors of the file; nothing in it is ever executed."""
    # Opened here: numpy leaves a file that it cannot read open.
    with path.open("rb") as file, NpzFile(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def write_npz(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Write the tensors in their order, and wait until they are on the disk."""
    with path.open("wb") as file:
        # The stubs take every keyword for allow_pickle, which no tensor is called.
        np.savez(file, **tensors)  # pyright: ignore[reportArgumentType]
        file.flush()
        os.fsync(file.fileno())
