"""The kernels that compute in this process: whatever decides the last digits of a result."""

import os
from collections.abc import Mapping

import tensorflow as tf

from worker.engine.device import device_in_use, onednn_in_use
from worker.engine.precision import Precision
from worker.engine.processor import processor_instructions, processor_name

# Variables that make oneDNN compute otherwise than the processor lets it.
ONEDNN_LIMITS = ("ONEDNN_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE")


def kernels_in_use(precision: Precision) -> dict[str, str]:
    """What a result should tell of its computation; where all of it is the same, so are the bytes.

    Args:
        precision: that of the network's convolutions.
    """
    device = device_in_use()
    return {
        "device": device.kind,
        "device_name": _gpu_name() if device.kind == "gpu" else processor_name(),
        "precision": precision,
        "tensorflow": tf.__version__,
        "onednn": _onednn(),
        "instructions": " ".join(processor_instructions()),
        "threads": str(_threads()),
        **_cuda(),
    }


def _gpu_name() -> str:
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return str(details.get("device_name", "unknown"))


def _onednn() -> str:
    if not onednn_in_use():
        return "off"
    return " ".join(["on", *(f"{name}={os.environ[name]}" for name in ONEDNN_LIMITS if name in os.environ)])


def _threads() -> int:
    """Threads of one operation; TensorFlow's 0 is one a core that this process may use."""
    return tf.config.threading.get_intra_op_parallelism_threads() or _cores()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cuda() -> Mapping[str, str]:
    """What TensorFlow was built with; nothing where it was built for CPUs."""
    built = tf.sysconfig.get_build_info()
    return {library: str(built[f"{library}_version"]) for library in ("cuda", "cudnn") if f"{library}_version" in built}
