"""Prepares TensorFlow for the device that it runs on."""

import tensorflow as tf


def prepare_device(threads: int | None) -> None:
    """Take only the GPU memory that is needed, and `threads` CPU threads (all when None).

    Only before TensorFlow has computed anything.
    """
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, enable=True)
    if threads is not None:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)


def device_name() -> str:
    """What computes here, as TensorFlow names it."""
    gpus = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU") if gpus else "CPU"
