"""Which workers this machine gets: one a GPU, else one on the CPU."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NO_GPU = "-1"
ASK_SECONDS = 10


@dataclass(frozen=True)
class Device:
    """What one worker computes on."""

    name: str
    visible_gpu: str
    """The worker's CUDA_VISIBLE_DEVICES; -1 hides every GPU."""


def devices(gpus: Sequence[str], workers: int | None) -> tuple[Device, ...]:
    """One device a worker: the GPUs first, then the CPU, as often as is left.

    Workers on the CPU do not share its threads out: with another number of threads a sum is rounded otherwise, and the
    same job would come out differently on one worker and on three.

    Args:
        gpus: what CUDA_VISIBLE_DEVICES calls each GPU.
        workers: how many workers; None for one a GPU, or one on the CPU where there is none.
    """
    count = workers if workers is not None else max(len(gpus), 1)
    on_gpu = [Device(f"gpu{index}", gpu) for index, gpu in enumerate(gpus[:count])]
    on_cpu = [Device(f"cpu{index}", NO_GPU) for index in range(count - len(on_gpu))]
    return (*on_gpu, *on_cpu)


def find_gpus(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves, or all that the driver knows."""
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return tuple(gpu.strip() for gpu in visible.split(",") if gpu.strip() not in {"", NO_GPU})
    return tuple(str(index) for index in range(listed_gpus(_driver_list())))


def listed_gpus(text: str) -> int:
    """How many GPUs the text of `nvidia-smi -L` lists."""
    return sum(line.startswith("GPU ") for line in text.splitlines())


def _driver_list() -> str:
    """What `nvidia-smi -L` says; nothing where there is no driver, or one that does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    try:
        answer = subprocess.run(  # noqa: S603  (a constant command)
            [program, "-L"], capture_output=True, text=True, timeout=ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout if answer.returncode == 0 else ""
