"""The device that the engine computes on: chosen, limited and made repeatable before the first computation."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import tensorflow as tf
from tensorflow.python.util import _pywrap_util_port


@dataclass(frozen=True)
class Device:
    """What TensorFlow computes on.

    Attributes:
        kind: where convolutions run.
        names: of every device of that kind, as TensorFlow calls them.
    """

    kind: Literal["cpu", "gpu"]
    names: tuple[str, ...]


def configure_device(threads: int | None = None) -> Device:
    """Prepare TensorFlow; to be called once in a process, before anything is computed.

    GPU memory is taken as needed, so that another process finds room. Operations are chosen so that the same input
    gives the same bytes. TensorFloat-32 stays off: it rounds a product's factors to ten bits.

    Args:
        threads: threads for one operation on the CPU, 1 or more; None for one a core. The number of threads changes
            the last digits of a result.
    """
    if threads is not None:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.experimental.enable_op_determinism()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    if onednn_in_use() and not gpus:
        # One operation at a time: oneDNN's take all cores, and each thread keeps what it prepared for every size. A
        # process that has computed before takes no such advice, and only more memory.
        with suppress(RuntimeError):
            tf.config.threading.set_inter_op_parallelism_threads(1)
    return device_in_use()


def onednn_in_use() -> bool:
    """Whether oneDNN convolves on the CPU; by itself TensorFlow decides by the processor, and tells of it only here."""
    return bool(_pywrap_util_port.IsMklEnabled())


def device_in_use() -> Device:
    """Where convolutions run: on the GPUs, where there are any."""
    gpus = tf.config.list_physical_devices("GPU")
    found = gpus or tf.config.list_physical_devices("CPU")
    return Device("gpu" if gpus else "cpu", tuple(device.name for device in found))
