"""Weights as inception5h's frozen TensorFlow 1 GraphDef, read as data: no graph is ever built or run."""

import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.framework.graph_pb2 import GraphDef

from shared.errors import WeightsCorruptError
from worker.weights.checksums import check_bytes
from worker.weights.manifest import Member

_MODULES = ("mixed3a", "mixed3b", "mixed4a", "mixed4b", "mixed4c", "mixed4d", "mixed4e", "mixed5a", "mixed5b")
_BRANCHES = ("1x1", "3x3_bottleneck", "3x3", "5x5_bottleneck", "5x5", "pool_reduce")
_SUFFIXES = {"kernel": "w", "bias": "b"}

TRUNK = (
    "conv2d0",
    "conv2d1",
    "conv2d2",
    *(f"{module}_{branch}" for module in _MODULES for branch in _BRANCHES),
)
"""Every convolution of the trunk, by the graph's own names; the classifier and its side heads stay out."""


def read_frozen_graph(path: Path) -> dict[str, np.ndarray]:
    """The trunk's tensors from a `.pb` file."""
    return graph_tensors(path.read_bytes(), str(path))


def read_zipped_graph(path: Path, member: Member) -> dict[str, np.ndarray]:
    """The trunk's tensors from a `.pb` inside a zip.

    Raises:
        WeightsCorruptError: the graph in the zip is not the published one.
    """
    with zipfile.ZipFile(path) as archive:
        data = archive.read(member.path)
    what = f"{member.path} in {path}"
    check_bytes(data, member.checksum, what)
    return graph_tensors(data, what)


def graph_tensors(data: bytes, what: str) -> dict[str, np.ndarray]:
    """The constants `NAME_w` (HWIO) and `NAME_b` of the trunk, as `NAME/kernel` and `NAME/bias`.

    Raises:
        WeightsCorruptError: the bytes are no GraphDef, or one without these constants.
    """
    try:
        graph = GraphDef.FromString(data)
    except DecodeError as error:
        raise WeightsCorruptError(f"{what} is not a TensorFlow GraphDef") from error
    constants = {node.name: node for node in graph.node if node.op == "Const"}
    nodes = {f"{name}/{part}": f"{name}_{suffix}" for name in TRUNK for part, suffix in _SUFFIXES.items()}
    missing = [node for node in nodes.values() if node not in constants]
    if missing:
        raise WeightsCorruptError(f"{what} lacks {len(missing)} of the trunk's constants: {', '.join(missing[:5])} …")
    return {key: tf.make_ndarray(constants[node].attr["value"].tensor) for key, node in nodes.items()}
