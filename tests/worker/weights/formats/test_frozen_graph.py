"""inception5h from a frozen GraphDef is, layer by layer, what TensorFlow 1 computes of that graph."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework.attr_value_pb2 import AttrValue
from tensorflow.core.framework.graph_pb2 import GraphDef

from shared.errors import WeightsCorruptError
from shared.networks import NETWORKS
from worker.engine.networks import build_network
from worker.weights.checksums import tensors_digest
from worker.weights.formats.frozen_graph import TRUNK, read_frozen_graph, read_zipped_graph
from worker.weights.manifest import Checksum, Member

Attribute = str | float | list[int] | np.ndarray
FLOAT = tf.float32.as_datatype_enum
LAYERS = [layer.name for layer in NETWORKS["inception5h"].layers]
# 1x1; 3x3_bottleneck, 3x3; 5x5_bottleneck, 5x5; pool_reduce.
WIDTHS = {
    "mixed3a": (64, 96, 128, 16, 32, 32),
    "mixed3b": (128, 128, 192, 32, 96, 64),
    "mixed4a": (192, 96, 204, 16, 48, 64),
    "mixed4b": (160, 112, 224, 24, 64, 64),
    "mixed4c": (128, 128, 256, 24, 64, 64),
    "mixed4d": (112, 144, 288, 32, 64, 64),
    "mixed4e": (256, 160, 320, 32, 128, 128),
    "mixed5a": (256, 160, 320, 48, 128, 128),
    "mixed5b": (384, 192, 384, 48, 128, 128),
}


class GraphWriter:
    """Writes node for node what the published `.pb` holds, with random weights of a sane scale."""

    def __init__(self, seed: int) -> None:
        self.graph = GraphDef()
        self.random = np.random.default_rng(seed)
        self._node("input", "Placeholder", [])

    def _node(self, name: str, kind: str, inputs: list[str], element: str = "T", **attributes: Attribute) -> str:
        node = self.graph.node.add(name=name, op=kind, input=inputs)
        node.attr["dtype" if kind in {"Placeholder", "Const"} else element].type = FLOAT
        for key, value in attributes.items():
            self._attribute(node.attr[key], value)
        return name

    def _attribute(self, slot: AttrValue, value: Attribute) -> None:
        match value:
            case str():
                slot.s = value.encode()
            case float():
                slot.f = value
            case int():
                slot.i = value
            case list():
                slot.list.i.extend(value)
            case np.ndarray():
                slot.tensor.CopyFrom(tf.make_tensor_proto(value))

    def constant(self, name: str, value: np.ndarray) -> str:
        """A float32 constant."""
        return self._node(name, "Const", [], value=value.astype(np.float32))

    def convolution(
        self, name: str, source: str, size: int, channels: tuple[int, int], stride: int = 1, padding: str = "SAME"
    ) -> str:
        """Kernel `NAME_w`, bias `NAME_b`, convolution, bias, ReLU; channels are (in, out)."""
        fan_in = size * size * channels[0]
        kernel = self.random.normal(0, np.sqrt(2 / fan_in), (size, size, *channels))
        self.constant(f"{name}_w", kernel)
        self.constant(f"{name}_b", self.random.normal(0, 0.1, channels[1]))
        convolved = self._node(
            f"{name}_pre_relu/conv", "Conv2D", [source, f"{name}_w"], strides=[1, stride, stride, 1], padding=padding
        )
        biased = self._node(f"{name}_pre_relu", "BiasAdd", [convolved, f"{name}_b"])
        return self._node(name, "Relu", [biased])

    def pool(self, name: str, source: str, stride: int) -> str:
        """A 3x3 max-pool."""
        return self._node(name, "MaxPool", [source], ksize=[1, 3, 3, 1], strides=[1, stride, stride, 1], padding="SAME")

    def normalize(self, name: str, source: str) -> str:
        """Local response normalisation with the published attributes."""
        return self._node(name, "LRN", [source], depth_radius=5, bias=2.0, alpha=1e-4, beta=0.5)

    def module(self, name: str, source: str, channels: int) -> int:
        """An inception module; how many channels come out."""
        one, three_bottleneck, three, five_bottleneck, five, pool = WIDTHS[name]
        outputs = [
            self.convolution(f"{name}_1x1", source, 1, (channels, one)),
            self.convolution(
                f"{name}_3x3",
                self.convolution(f"{name}_3x3_bottleneck", source, 1, (channels, three_bottleneck)),
                3,
                (three_bottleneck, three),
            ),
            self.convolution(
                f"{name}_5x5",
                self.convolution(f"{name}_5x5_bottleneck", source, 1, (channels, five_bottleneck)),
                5,
                (five_bottleneck, five),
            ),
            self.convolution(f"{name}_pool_reduce", self.pool(f"{name}_pool", source, 1), 1, (channels, pool)),
        ]
        self.concatenate(name, outputs)
        return one + three + five + pool

    def concatenate(self, name: str, outputs: list[str]) -> None:
        """TensorFlow 1's Concat, its axis first."""
        axis = self.graph.node.add(name=f"{name}/concat_dim", op="Const")
        axis.attr["dtype"].type = tf.int32.as_datatype_enum
        axis.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(3))
        self._node(name, "Concat", [axis.name, *outputs], N=len(outputs))


def inception_graph(seed: int = 0) -> bytes:
    """The trunk of inception5h as a serialised GraphDef, and a bit of its classifier."""
    writer = GraphWriter(seed)
    first = writer.convolution("conv2d0", "input", 7, (3, 64), stride=2)
    first = writer.normalize("localresponsenorm0", writer.pool("maxpool0", first, 2))
    second = writer.convolution("conv2d1", first, 1, (64, 64), padding="VALID")
    third = writer.convolution("conv2d2", second, 3, (64, 192))
    source, channels = writer.pool("maxpool1", writer.normalize("localresponsenorm1", third), 2), 192
    for name in WIDTHS:
        if name in {"mixed4a", "mixed5a"}:
            source = writer.pool(f"maxpool_before_{name}", source, 2)
        channels = writer.module(name, source, channels)
        source = name
    writer.constant("softmax2_w", np.zeros((1024, 1008)))
    return writer.graph.SerializeToString()


def activations_in_tensorflow_1(graph_bytes: bytes, images: np.ndarray) -> dict[str, np.ndarray]:
    """All twelve layers, as TensorFlow 1 runs the graph."""
    with tf.Graph().as_default() as graph:
        tf.compat.v1.import_graph_def(GraphDef.FromString(graph_bytes), name="")
        with tf.compat.v1.Session(graph=graph) as session:
            return session.run({layer: f"{layer}:0" for layer in LAYERS}, {"input:0": images})


@pytest.fixture(scope="module")
def graph_bytes() -> bytes:
    return inception_graph()


@pytest.fixture
def graph_path(graph_bytes: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "tensorflow_inception_graph.pb"
    path.write_bytes(graph_bytes)
    return path


@pytest.mark.parametrize("size", [(224, 224), (131, 190)])
def test_every_layer_is_what_tensorflow_1_computes(graph_bytes: bytes, graph_path: Path, size: tuple[int, int]) -> None:
    network = build_network("inception5h", read_frozen_graph(graph_path))
    images = np.random.default_rng(1).uniform(0, 255, (1, *size, 3)).astype(np.float32)

    raw = network.activations(tf.constant(images), tuple(LAYERS), "original")
    trained = network.activations(tf.constant(images), tuple(LAYERS), "trained")

    expected_raw = activations_in_tensorflow_1(graph_bytes, images)
    expected_trained = activations_in_tensorflow_1(graph_bytes, images - 117)
    for layer in LAYERS:
        for got, expected in ((raw[layer], expected_raw[layer]), (trained[layer], expected_trained[layer])):
            assert got.shape == expected.shape
            assert np.abs(expected).max() > 0
            assert np.abs(got.numpy() - expected).max() <= 1e-5 * np.abs(expected).max(), layer


def test_the_trunk_is_read_whole_and_nothing_but_the_trunk(graph_path: Path) -> None:
    tensors = read_frozen_graph(graph_path)

    assert len(TRUNK) == 57
    assert set(tensors) == {f"{name}/{part}" for name in TRUNK for part in ("kernel", "bias")}
    assert tensors["mixed4a_3x3/kernel"].shape == (3, 3, 96, 204)


def test_the_zip_gives_the_tensors_of_the_graph_inside(graph_bytes: bytes, graph_path: Path, tmp_path: Path) -> None:
    member = Member(graph_path.name, Checksum("sha256", hashlib.sha256(graph_bytes).hexdigest()))
    with zipfile.ZipFile(tmp_path / "inception5h.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(graph_path.name, graph_bytes)

    tensors = read_zipped_graph(tmp_path / "inception5h.zip", member)

    assert tensors_digest(tensors) == tensors_digest(read_frozen_graph(graph_path))


def test_another_graph_in_the_zip_is_refused(graph_bytes: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inception5h.zip", "w") as archive:
        archive.writestr("graph.pb", graph_bytes[:1000])

    with pytest.raises(WeightsCorruptError, match=r"graph.pb in .*sha256 is"):
        read_zipped_graph(tmp_path / "inception5h.zip", Member("graph.pb", Checksum("sha256", "0" * 64)))


def test_bytes_that_are_no_graph_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.pb").write_bytes(b"\xff\xffnot a graph")

    with pytest.raises(WeightsCorruptError, match="not a TensorFlow GraphDef"):
        read_frozen_graph(tmp_path / "x.pb")


def test_a_graph_without_the_trunk_names_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "x.pb").write_bytes(GraphDef().SerializeToString())

    with pytest.raises(WeightsCorruptError, match=r"lacks 114 of .*conv2d0_w, conv2d0_b"):
        read_frozen_graph(tmp_path / "x.pb")
