"""Convolutions with pretrained kernels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from worker.engine.errors import WeightsMismatchError
from worker.engine.networks.network import Padding
from worker.engine.precision import CONVOLVED, Precision

Tensors = Mapping[str, NDArray[np.float32]]
ConvolutionPadding: TypeAlias = Literal["SAME", "VALID"]


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
        images = tf.cast(images, self.kernel.dtype)
        if padding == "zeros" and self.margin is None:
            return self._layer("SAME")(images)
        mode = "CONSTANT" if padding == "zeros" else "SYMMETRIC"
        return self._layer("VALID")(tf.pad(images, self._margins(images), mode))

    def _layer(self, padding: ConvolutionPadding) -> Callable[[tf.Tensor], tf.Tensor]:
        # A strided kernel, turned, would be dilated: only the first of a network is, and TensorFlow's gradient will do.
        if self.stride > 1 or tf.executing_eagerly():
            return lambda images: self._forward(images, padding)
        return self._graphs[padding]

    @cached_property
    def _graphs(self) -> Mapping[str, Callable[[tf.Tensor], tf.Tensor]]:
        """The layer by padding, compiled, with a gradient of its own.

        TensorFlow keeps a custom gradient for good with every trace of it, and all that is around it: here, once.
        """
        images = tf.TensorSpec((None, None, None, self.kernel.shape[2]), self.kernel.dtype)

        def compiled(padding: ConvolutionPadding) -> Callable[[tf.Tensor], tf.Tensor]:
            def layer(images: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
                made = self._forward(images, padding)
                return made, lambda slope: self._backward(tf.raw_ops.ReluGrad(gradients=slope, features=made), padding)

            return tf.function(tf.custom_gradient(layer), input_signature=[images])

        return {padding: compiled(padding) for padding in ("SAME", "VALID")}

    def _forward(self, images: tf.Tensor, padding: ConvolutionPadding) -> tf.Tensor:
        convolved = tf.nn.conv2d(images, self.kernel, self.stride, padding)
        return tf.nn.relu(tf.nn.bias_add(convolved, self.bias))

    def _backward(self, slope: tf.Tensor, padding: ConvolutionPadding) -> tf.Tensor:
        """The gradient of a convolution, as a convolution: TensorFlow's own takes longer, and is coarse in bfloat16."""
        if padding == "VALID":
            around = (self._side - 1, self._side - 1)
            slope = tf.pad(slope, [(0, 0), around, around, (0, 0)])
        return tf.nn.conv2d(slope, self._turned, 1, padding)

    @cached_property
    def _turned(self) -> tf.Tensor:
        """The kernel turned by half a circle, from channels out to channels in; turned once, outside of any graph."""
        with tf.init_scope():
            return tf.transpose(tf.reverse(self.kernel, (0, 1)), (0, 1, 3, 2))

    @property
    def _side(self) -> int:
        side: Any = self.kernel.shape[0]
        return int(side)

    def _margins(self, images: tf.Tensor) -> tf.Tensor:
        shape = tf.shape(images)
        rows, columns = self._margin_of(shape[1]), self._margin_of(shape[2])
        return tf.stack([(0, 0), rows, columns, (0, 0)])

    def _margin_of(self, length: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if self.margin is not None:
            return tf.constant(self.margin), tf.constant(self.margin)
        positions = (length + self.stride - 1) // self.stride
        total = tf.maximum((positions - 1) * self.stride + self._side - length, 0)
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
