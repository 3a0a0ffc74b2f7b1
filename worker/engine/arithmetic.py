"""Arithmetic: which precision the device of this process is good at."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import tensorflow as tf

from worker.engine.device import onednn_in_use
from worker.engine.precision import Precision
from worker.engine.processor import processor_instructions

PrecisionChoice: TypeAlias = Literal["auto", "float32", "mixed"]

# As Linux calls them: AMX tiles, and the dot products of AVX-512. Elsewhere bfloat16 is emulated, and slower.
BFLOAT16_INSTRUCTIONS = frozenset({"amx_bf16", "avx512_bf16"})
# The first NVIDIA cards whose tensor cores take bfloat16 (Ampere).
BFLOAT16_CAPABILITY = (8, 0)


@dataclass(frozen=True)
class Arithmetic:
    """What a device can compute with.

    Attributes:
        instructions: those of the CPU, as Linux names them; none where nobody tells.
        onednn: whether oneDNN convolves on the CPU; TensorFlow's own kernels have no use for those instructions.
        compute_capabilities: of every GPU; (0, 0) for one that is not NVIDIA's. Without a GPU, the CPU convolves.
    """

    instructions: frozenset[str]
    onednn: bool = True
    compute_capabilities: tuple[tuple[int, int], ...] = ()

    @property
    def precision(self) -> Precision:
        """What it is fastest at; of several GPUs the weakest decides."""
        if self.compute_capabilities:
            return "mixed" if min(self.compute_capabilities) >= BFLOAT16_CAPABILITY else "float32"
        return "mixed" if self.onednn and self.instructions & BFLOAT16_INSTRUCTIONS else "float32"


def chosen_precision(choice: PrecisionChoice, arithmetic: Arithmetic) -> Precision:
    """What was chosen; for `auto`, what the device is fastest at."""
    return arithmetic.precision if choice == "auto" else choice


def arithmetic_here() -> Arithmetic:
    """That of the device on which TensorFlow convolves."""
    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    capabilities = tuple(one.get("compute_capability", (0, 0)) for one in details)
    return Arithmetic(frozenset(processor_instructions()), onednn_in_use(), capabilities)
