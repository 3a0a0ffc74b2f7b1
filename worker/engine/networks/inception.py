"""GoogLeNet (Szegedy et al., 2015) in its two trainings: Caffe's `googlenet` and TensorFlow's `inception5h`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import tensorflow as tf

from worker.engine.networks.convolution import Convolution, ConvolutionShape, Weights
from worker.engine.networks.network import Feed, InputScale, LayerGeometry, Network, Padding

STEM = ("conv2d0", "conv2d1", "conv2d2")
POOLED_BEFORE = frozenset({"mixed4a", "mixed5a"})


@dataclass(frozen=True)
class ModuleWidths:
    """Channels of a module's branches: 1x1; 3x3 and its bottleneck; 5x5 and its bottleneck; behind the pool."""

    one: int
    three_bottleneck: int
    three: int
    five_bottleneck: int
    five: int
    pool: int

    @property
    def channels(self) -> int:
        """Channels of the module's output."""
        return self.one + self.three + self.five + self.pool


@dataclass(frozen=True)
class Training:
    """Where one training of GoogLeNet differs from the other.

    Attributes:
        stem_names: tensor names of the three convolutions before the modules.
        module_name: tensor name of a module, with `{}` for 3a, 3b and so on.
        branch_names: tensor names of a module's six convolutions, in the order of `ModuleWidths`.
        four_a_three: channels of mixed4a's 3x3 branch.
        five_a_five_bottleneck: channels of the bottleneck of mixed5a's 5x5 branch.
        margin: padding of the first convolution, None for TensorFlow's SAME.
        normalization: depth radius, bias, alpha and beta of local response normalisation.
        feeds: how the network was trained to be fed, and how the original programs fed it.
    """

    stem_names: tuple[str, str, str]
    module_name: str
    branch_names: tuple[str, str, str, str, str, str]
    four_a_three: int
    five_a_five_bottleneck: int
    margin: int | None
    normalization: tuple[int, float, float, float]
    feeds: Mapping[Feed, InputScale]


CAFFE_FEED = InputScale(1.0, (104.0, 117.0, 123.0), bgr=True)
GOOGLENET = Training(
    stem_names=("conv1/7x7_s2", "conv2/3x3_reduce", "conv2/3x3"),
    module_name="inception_{}/",
    branch_names=("1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj"),
    four_a_three=208,
    five_a_five_bottleneck=32,
    margin=3,
    normalization=(2, 1.0, 1e-4 / 5, 0.75),
    feeds={"trained": CAFFE_FEED, "original": CAFFE_FEED},
)
INCEPTION5H = Training(
    stem_names=STEM,
    module_name="mixed{}_",
    branch_names=("1x1", "3x3_bottleneck", "3x3", "5x5_bottleneck", "5x5", "pool_reduce"),
    four_a_three=204,
    five_a_five_bottleneck=48,
    margin=None,
    normalization=(5, 2.0, 1e-4, 0.5),
    # The original program did not subtract the mean that the network was trained with.
    feeds={
        "trained": InputScale(1.0, (117.0, 117.0, 117.0), bgr=False),
        "original": InputScale(1.0, (0.0, 0.0, 0.0), bgr=False),
    },
)


@dataclass(frozen=True, eq=False)
class Module:
    """One inception module: four branches side by side."""

    branches: tuple[Convolution, ...]

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Concatenate the branches' channels."""
        one, three_bottleneck, three, five_bottleneck, five, pool = self.branches
        pooled = tf.nn.max_pool2d(images, 3, 1, "SAME")
        outputs = [one(images), three(three_bottleneck(images)), five(five_bottleneck(images)), pool(pooled)]
        return tf.concat(outputs, axis=3)


def build_googlenet(weights: Weights) -> Network:
    """BVLC GoogLeNet from its weights, named as in Caffe: `inception_3a/1x1/kernel` and so on."""
    return _build(GOOGLENET, weights)


def build_inception5h(weights: Weights) -> Network:
    """The DeepDream network from its weights, named as in its graph: `mixed3a_1x1/kernel` and so on."""
    return _build(INCEPTION5H, weights)


def _build(training: Training, weights: Weights) -> Network:
    widths = _widths(training)
    stem = _read_stem(training, weights)
    modules = _read_modules(training, weights, widths)

    def walk(images: tf.Tensor, padding: Padding) -> Iterator[tuple[str, tf.Tensor]]:
        current = stem[0](images, padding)
        yield STEM[0], current
        current = stem[1](_normalize(_halve(current), training))
        yield STEM[1], current
        current = stem[2](current)
        yield STEM[2], current
        current = _halve(_normalize(current, training))
        for layer, module in modules.items():
            current = module(_halve(current) if layer in POOLED_BEFORE else current)
            yield layer, current

    geometry, precision = _geometry(widths), weights.precision
    return Network(weights.network, geometry, training.feeds, minimum_size=32, walk=walk, precision=precision)


def _widths(training: Training) -> dict[str, ModuleWidths]:
    return {
        "mixed3a": ModuleWidths(64, 96, 128, 16, 32, 32),
        "mixed3b": ModuleWidths(128, 128, 192, 32, 96, 64),
        "mixed4a": ModuleWidths(192, 96, training.four_a_three, 16, 48, 64),
        "mixed4b": ModuleWidths(160, 112, 224, 24, 64, 64),
        "mixed4c": ModuleWidths(128, 128, 256, 24, 64, 64),
        "mixed4d": ModuleWidths(112, 144, 288, 32, 64, 64),
        "mixed4e": ModuleWidths(256, 160, 320, 32, 128, 128),
        "mixed5a": ModuleWidths(256, 160, 320, training.five_a_five_bottleneck, 128, 128),
        "mixed5b": ModuleWidths(384, 192, 384, 48, 128, 128),
    }


def _read_stem(training: Training, weights: Weights) -> tuple[Convolution, Convolution, Convolution]:
    shapes = (ConvolutionShape(7, 3, 64), ConvolutionShape(1, 64, 64), ConvolutionShape(3, 64, 192))
    first, second, third = (weights.read(name, shape) for name, shape in zip(training.stem_names, shapes, strict=True))
    return Convolution(*first, stride=2, margin=training.margin), Convolution(*second), Convolution(*third)


def _read_modules(training: Training, weights: Weights, widths: Mapping[str, ModuleWidths]) -> dict[str, Module]:
    modules: dict[str, Module] = {}
    channels_in = 192
    for layer, width in widths.items():
        prefix = training.module_name.format(layer.removeprefix("mixed"))
        names = (prefix + branch for branch in training.branch_names)
        shapes = _branch_shapes(channels_in, width)
        convolutions = (Convolution(*weights.read(name, shape)) for name, shape in zip(names, shapes, strict=True))
        modules[layer] = Module(tuple(convolutions))
        channels_in = width.channels
    return modules


def _branch_shapes(channels_in: int, width: ModuleWidths) -> tuple[ConvolutionShape, ...]:
    return (
        ConvolutionShape(1, channels_in, width.one),
        ConvolutionShape(1, channels_in, width.three_bottleneck),
        ConvolutionShape(3, width.three_bottleneck, width.three),
        ConvolutionShape(1, channels_in, width.five_bottleneck),
        ConvolutionShape(5, width.five_bottleneck, width.five),
        ConvolutionShape(1, channels_in, width.pool),
    )


def _halve(images: tf.Tensor) -> tf.Tensor:
    return tf.nn.max_pool2d(images, 3, 2, "SAME")


def _normalize(images: tf.Tensor, training: Training) -> tf.Tensor:
    radius, bias, alpha, beta = training.normalization
    # Beside the bias, bfloat16's eight digits would lose the sum of squares.
    exact = tf.cast(images, tf.float32)
    return tf.cast(tf.nn.local_response_normalization(exact, radius, bias, alpha, beta), images.dtype)


def _geometry(widths: Mapping[str, ModuleWidths]) -> dict[str, LayerGeometry]:
    # 7x7 stride 2; 3x3 pool stride 2; 1x1; 3x3; 3x3 pool stride 2: fields 7, 11, 11, 19, 27.
    geometry = {
        STEM[0]: LayerGeometry(64, 2, 7),
        STEM[1]: LayerGeometry(64, 4, 11),
        STEM[2]: LayerGeometry(192, 4, 19),
    }
    stride, field = 8, 27
    for layer, width in widths.items():
        if layer in POOLED_BEFORE:
            field, stride = field + 2 * stride, stride * 2
        field += 4 * stride
        geometry[layer] = LayerGeometry(width.channels, stride, field)
    return geometry
