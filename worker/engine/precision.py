"""Precision: what convolutions are computed in."""

from typing import Literal, TypeAlias

import tensorflow as tf

Precision: TypeAlias = Literal["float32", "mixed"]

# `mixed` computes convolutions in bfloat16, and losses, Gram matrices, normalisations and pictures in float32.
CONVOLVED: dict[Precision, tf.DType] = {"float32": tf.float32, "mixed": tf.bfloat16}
