"""Keras' HDF5 layout gives the same tensors as the published `.npz`."""

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from worker.weights.formats.keras_h5 import read_keras_h5
from worker.weights.formats.npz import read_npz


def write_as_keras(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """The layout of `vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5`, layers without weights included."""
    layers = list(dict.fromkeys(name.split("/")[0] for name in tensors))
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in ("input_1", *layers, "block5_pool")]
        for layer in ("input_1", "block5_pool"):
            file.create_group(layer).attrs["weight_names"] = np.array([], dtype="S1")
        for layer in layers:
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}_W_1:0".encode(), f"{layer}_b_1:0".encode()]
            group[f"{layer}_W_1:0"] = tensors[f"{layer}/kernel"]
            group[f"{layer}_b_1:0"] = tensors[f"{layer}/bias"]


def test_the_h5_gives_the_tensors_of_the_npz(weights_dir: Path, tmp_path: Path) -> None:
    published = read_npz(weights_dir / "vgg16.npz")
    write_as_keras(tmp_path / "vgg16.h5", published)

    tensors = read_keras_h5(tmp_path / "vgg16.h5")

    assert list(tensors) == list(published)
    assert all(np.array_equal(tensors[name], published[name]) for name in published)
