"""VGG-16 (Simonyan and Zisserman, 2015): thirteen convolutions in five blocks."""

from collections.abc import Iterator

import tensorflow as tf

from worker.engine.networks.convolution import Convolution, ConvolutionShape, Weights
from worker.engine.networks.network import Feed, InputScale, LayerGeometry, Network, Padding

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
MEAN_BGR = (103.939, 116.779, 123.68)
# The original program handed 0..255 to a graph that multiplies its 0..1 input by 255.
FEEDS: dict[Feed, InputScale] = {
    "trained": InputScale(1.0, MEAN_BGR, bgr=True),
    "original": InputScale(255.0, MEAN_BGR, bgr=True),
}


def build_vgg16(weights: Weights) -> Network:
    """VGG-16 from its weights, named as in Keras: `block1_conv1/kernel` and so on."""
    blocks = _read_blocks(weights)

    def walk(images: tf.Tensor, padding: Padding) -> Iterator[tuple[str, tf.Tensor]]:
        current = images
        for block, convolutions in enumerate(blocks, 1):
            if block > 1:
                current = tf.nn.max_pool2d(current, 2, 2, "SAME")
            for index, convolution in enumerate(convolutions, 1):
                current = convolution(current, padding if (block, index) == (1, 1) else "zeros")
                yield f"conv{block}_{index}", current

    return Network(weights.network, _geometry(), FEEDS, minimum_size=16, walk=walk, precision=weights.precision)


def _read_blocks(weights: Weights) -> list[list[Convolution]]:
    blocks: list[list[Convolution]] = []
    channels_in = 3
    for block, (channels, count) in enumerate(BLOCKS, 1):
        convolutions: list[Convolution] = []
        for index in range(1, count + 1):
            shape = ConvolutionShape(3, channels_in, channels)
            convolutions.append(Convolution(*weights.read(f"block{block}_conv{index}", shape)))
            channels_in = channels
        blocks.append(convolutions)
    return blocks


def _geometry() -> dict[str, LayerGeometry]:
    geometry: dict[str, LayerGeometry] = {}
    stride, field = 1, 1
    for block, (channels, count) in enumerate(BLOCKS, 1):
        if block > 1:
            field, stride = field + stride, stride * 2
        for index in range(1, count + 1):
            field += 2 * stride
            geometry[f"conv{block}_{index}"] = LayerGeometry(channels, stride, field)
    return geometry
