"""Arithmetic: which precision the device of this process is good at."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import tensorflow as tf

from worker.engine.precision import Precision

PrecisionChoice: TypeAlias = Literal["auto", "float32", "mixed"]

CPU_INFO = Path("/proc/cpuinfo")
# As Linux calls them: AMX tiles, and the dot products of AVX-512. Elsewhere bfloat16 is emulated, and slower.
BFLOAT16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})
# The first NVIDIA cards whose tensor cores take bfloat16 (Ampere).
BFLOAT16_CAPABILITY = (8, 0)


@dataclass(frozen=True)
class Arithmetic:
    """What a device can compute with.

    Attributes:
        cpu_flags: instruction sets of the CPU, as Linux names them; none where nobody tells.
        compute_capabilities: of every GPU; (0, 0) for one that is not NVIDIA's. Without a GPU, the CPU convolves.
    """

    cpu_flags: frozenset[str]
    compute_capabilities: tuple[tuple[int, int], ...] = ()

    @property
    def precision(self) -> Precision:
        """What it is fastest at; of several GPUs the weakest decides."""
        if self.compute_capabilities:
            return "mixed" if min(self.compute_capabilities) >= BFLOAT16_CAPABILITY else "float32"
        return "mixed" if self.cpu_flags & BFLOAT16_FLAGS else "float32"


def chosen_precision(choice: PrecisionChoice, arithmetic: Arithmetic) -> Precision:
    """What was chosen; for `auto`, what the device is fastest at."""
    return arithmetic.precision if choice == "auto" else choice


def arithmetic_here() -> Arithmetic:
    """That of the device on which TensorFlow convolves."""
    described = CPU_INFO.read_text() if CPU_INFO.exists() else ""
    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    return Arithmetic(cpu_flags(described), tuple(one.get("compute_capability", (0, 0)) for one in details))


def cpu_flags(described: str) -> frozenset[str]:
    """The instruction sets of the first processor that `/proc/cpuinfo` describes; none where it names none."""
    lines = (line.partition(":") for line in described.splitlines())
    return next((frozenset(flags.split()) for name, _, flags in lines if name.strip() == "flags"), frozenset())
