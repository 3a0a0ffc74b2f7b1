"""Convolutions with pretrained kernels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.errors import WeightsMismatchError
from worker.engine.networks.network import Padding
from worker.engine.precision import CONVOLVED, Precision

Tensors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution and the ReLU behind it.

    Attributes:
        kernel: `(side, side, channels in, channels out)`; in its type all is computed.
        bias: `(channels out,)`.
        stride: step in positions of its input.
        margin: pixels of padding on every border, or None for TensorFlow's SAME.
    """

    kernel: tf.Tensor
    bias: tf.Tensor
    stride: int = 1
    margin: int | None = None

    def __call__(self, images: tf.Tensor, padding: Padding = "zeros") -> tf.Tensor:
        """Convolve, add the bias and cut below zero."""
        if padding == "zeros" and self.margin is None:
            convolved = self._convolved(images, "SAME")
        else:
            mode = "CONSTANT" if padding == "zeros" else "SYMMETRIC"
            convolved = self._convolved(tf.pad(images, self._margins(images), mode), "VALID")
        return tf.nn.relu(tf.nn.bias_add(convolved, self.bias))

    def _convolved(self, images: tf.Tensor, padding: Literal["SAME", "VALID"]) -> tf.Tensor:
        return tf.nn.conv2d(tf.cast(images, self.kernel.dtype), self.kernel, self.stride, padding)

    def _margins(self, images: tf.Tensor) -> tf.Tensor:
        shape = tf.shape(images)
        rows, columns = self._margin_of(shape[1]), self._margin_of(shape[2])
        return tf.stack([(0, 0), rows, columns, (0, 0)])

    def _margin_of(self, length: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if self.margin is not None:
            return tf.constant(self.margin), tf.constant(self.margin)
        side: Any = self.kernel.shape[0]
        positions = (length + self.stride - 1) // self.stride
        total = tf.maximum((positions - 1) * self.stride + side - length, 0)
        return total // 2, total - total // 2


@dataclass(frozen=True)
class ConvolutionShape:
    """What a network's table says of one convolution."""

    side: int
    channels_in: int
    channels_out: int


@dataclass(frozen=True, eq=False)
class Weights:
    """The numbers of a network, read as what its convolutions are computed in.

    Attributes:
        network: its name, for messages.
        tensors: `LAYER/kernel` and `LAYER/bias`.
        precision: of the convolutions.
    """

    network: str
    tensors: Tensors
    precision: Precision = "float32"

    def read(self, name: str, shape: ConvolutionShape) -> tuple[tf.Tensor, tf.Tensor]:
        """The kernel and bias of one convolution, checked.

        Raises:
            WeightsMismatchError: one of the tensors is missing or has another shape.
        """
        kernel = self._checked(f"{name}/kernel", (shape.side, shape.side, shape.channels_in, shape.channels_out))
        return kernel, self._checked(f"{name}/bias", (shape.channels_out,))

    def _checked(self, name: str, wanted: tuple[int, ...]) -> tf.Tensor:
        if name not in self.tensors:
            raise WeightsMismatchError(self.network, name, "nothing", f"float32 of shape {wanted}")
        tensor = self.tensors[name]
        if tuple(tensor.shape) != wanted:
            raise WeightsMismatchError(self.network, name, f"shape {tuple(tensor.shape)}", f"float32 of shape {wanted}")
        return tf.cast(tf.constant(np.asarray(tensor, np.float32)), CONVOLVED[self.precision])
