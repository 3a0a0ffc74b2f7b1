"""Networks have the layers, shapes and answers that they were published with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from worker.engine.errors import UnknownLayerError, UnknownNetworkNameError, WeightsMismatchError
from worker.engine.image import decode_png, noise, resize
from worker.engine.networks import Network, build_network
from worker.engine.networks.inception import GOOGLENET, INCEPTION5H, _branch_shapes, _widths

MIXED = ("mixed3a", "mixed3b", "mixed4a", "mixed4b", "mixed4c", "mixed4d", "mixed4e", "mixed5a", "mixed5b")


def random_inception5h() -> dict[str, np.ndarray]:
    draws = np.random.default_rng(0)
    shapes = {"conv2d0": (7, 7, 3, 64), "conv2d1": (1, 1, 64, 64), "conv2d2": (3, 3, 64, 192)}
    channels = 192
    for layer, widths in _widths(INCEPTION5H).items():
        for branch, shape in zip(INCEPTION5H.branch_names, _branch_shapes(channels, widths), strict=True):
            shapes[f"{layer}_{branch}"] = (shape.side, shape.side, shape.channels_in, shape.channels_out)
        channels = widths.channels
    tensors = {f"{name}/kernel": draws.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()}
    return tensors | {f"{name}/bias": np.zeros(shape[3], np.float32) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def inception5h() -> Network:
    return build_network("inception5h", random_inception5h())


def test_inception5h_has_its_twelve_layers(inception5h: Network) -> None:
    assert inception5h.layers == ("conv2d0", "conv2d1", "conv2d2", *MIXED)
    assert [inception5h.channels(layer) for layer in inception5h.layers] == [
        64, 64, 192, 256, 480, 508, 512, 512, 528, 832, 832, 1024,
    ]  # fmt: skip


def test_googlenet_differs_in_one_width() -> None:
    assert _widths(GOOGLENET)["mixed4a"].channels == 512


def test_activations_have_the_channels_and_strides_that_the_network_states(inception5h: Network) -> None:
    # given
    images = tf.constant(noise((65, 96), 1)[None])

    # when
    activations = inception5h.activations(images, inception5h.layers)

    # then
    for layer, activation in activations.items():
        stride = inception5h.stride(layer)
        assert activation.shape == (1, -(-65 // stride), -(-96 // stride), inception5h.channels(layer))


def test_the_receptive_field_is_what_one_position_sees(inception5h: Network) -> None:
    # given
    layer = "mixed3a"
    image = tf.constant(noise((128, 128), 1)[None])

    # when
    with tf.GradientTape() as tape:
        tape.watch(image)
        position = tf.reduce_sum(inception5h.activations(image, (layer,))[layer][0, 8, 8])
    slope: Any = tape.gradient(position, image)
    rows = np.flatnonzero(np.abs(slope.numpy()).sum(axis=(0, 2, 3)))

    # then
    seen = rows.max() - rows.min() + 1
    assert inception5h.receptive_field(layer) - inception5h.stride(layer) < seen <= inception5h.receptive_field(layer)


def test_nothing_deeper_than_needed_is_computed(inception5h: Network) -> None:
    # when
    walked = tf.function(lambda images: inception5h.activations(images, ("conv2d1",))["conv2d1"]).get_concrete_function(
        tf.TensorSpec((1, 64, 64, 3))
    )

    # then
    graph = walked.graph.as_graph_def()
    nodes = [node.op for function in graph.library.function for node in function.node_def]
    nodes += [node.op for node in graph.node]
    assert nodes.count("Conv2D") == 2


def test_the_two_feeds_of_inception5h_differ_by_the_mean(inception5h: Network) -> None:
    # given
    images = tf.constant(noise((32, 32), 1)[None])

    # when
    trained = inception5h.activations(images + 117.0, ("conv2d0",), feed="trained")["conv2d0"]
    original = inception5h.activations(images, ("conv2d0",), feed="original")["conv2d0"]

    # then
    np.testing.assert_allclose(trained, original, rtol=1e-4, atol=1e-3)


def test_replicated_borders_change_nothing_in_the_middle(inception5h: Network) -> None:
    # given
    images = tf.constant(noise((64, 64), 1)[None])

    # when
    zeros, replicated = (
        inception5h.activations(images, ("conv2d0",), padding=padding)["conv2d0"].numpy()
        for padding in ("zeros", "replicate")
    )

    # then
    np.testing.assert_allclose(zeros[:, 4:-4, 4:-4], replicated[:, 4:-4, 4:-4], rtol=1e-4, atol=1e-3)
    assert not np.allclose(zeros, replicated)


@pytest.mark.parametrize("layer", [4, "mixed3b"])
def test_a_layer_goes_by_name_or_number(inception5h: Network, layer: int | str) -> None:
    assert inception5h.layer(layer) == "mixed3b"


@pytest.mark.parametrize("layer", [12, -1, "conv1_1"])
def test_an_unknown_layer_is_refused_with_those_there_are(inception5h: Network, layer: int | str) -> None:
    with pytest.raises(UnknownLayerError, match="11 mixed5b"):
        inception5h.layer(layer)


def test_an_unknown_network_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownNetworkNameError, match="inception5h, googlenet, vgg16"):
        build_network("resnet", {})


def test_a_missing_tensor_is_named() -> None:
    # given
    tensors = random_inception5h()
    del tensors["mixed4c_3x3/bias"]

    # then
    with pytest.raises(WeightsMismatchError, match="mixed4c_3x3/bias"):
        build_network("inception5h", tensors)


def test_a_tensor_of_another_shape_is_named_with_both_shapes() -> None:
    # given
    tensors = random_inception5h()
    tensors["mixed4a_3x3/kernel"] = np.zeros((3, 3, 96, 208), np.float32)

    # then
    with pytest.raises(WeightsMismatchError, match=r"204.*208"):
        build_network("inception5h", tensors)


def test_vgg16_has_its_thirteen_layers(pretrained: Callable[[str], Network]) -> None:
    # given
    network = pretrained("vgg16")

    # then
    assert network.layers[0] == "conv1_1"
    assert network.layers[12] == "conv5_3"
    assert len(network.layers) == 13
    assert (network.stride("conv5_3"), network.receptive_field("conv5_3")) == (16, 196)


def test_googlenet_sees_an_espresso(pretrained: Callable[[str], Network], photos_dir: Path, weights_dir: Path) -> None:
    # given
    with np.load(weights_dir / "googlenet.npz", allow_pickle=False) as tensors:
        kernel, bias = tensors["loss3/classifier/kernel"][0, 0], tensors["loss3/classifier/bias"]
    names = (weights_dir / "imagenet_synset_words.txt").read_text().splitlines()
    photo = resize(decode_png((photos_dir / "coffee.png").read_bytes()), (256, 384))
    crop = photo[16:240, 80:304]

    # when
    seen = pretrained("googlenet").activations(tf.constant(crop[None]), ("mixed5b",))["mixed5b"].numpy()
    scores = seen.mean(axis=(0, 1, 2)) @ kernel + bias

    # then
    best = int(scores.argmax())
    assert "espresso" in names[best]
    assert np.exp(scores[best]) / np.exp(scores).sum() > 0.8
