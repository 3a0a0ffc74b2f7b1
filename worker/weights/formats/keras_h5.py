"""Weights as the HDF5 files that Keras publishes."""

from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np


def read_keras_h5(path: Path) -> dict[str, np.ndarray]:
    """The kernels (HWIO) and biases of all layers that have them, in the file's order.

    Keras lists the layers in the attribute `layer_names`, and each layer's arrays in `weight_names`.
    """
    with h5py.File(path, "r") as file:
        return {
            key: tensor
            for layer in _names(file, "layer_names")
            for key, tensor in _layer_tensors(layer, cast("h5py.Group", file[layer])).items()
        }


def _layer_tensors(layer: str, group: h5py.Group) -> dict[str, np.ndarray]:
    arrays = [np.asarray(group[name], dtype=np.float32) for name in _names(group, "weight_names")]
    return {f"{layer}/{'bias' if array.ndim == 1 else 'kernel'}": array for array in arrays}


def _names(group: h5py.Group, attribute: str) -> list[str]:
    values: Any = group.attrs[attribute]
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]
