"""Which workers this machine gets: one a GPU, else one on the CPU."""

import os
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
    threads: int | None
    """CPU threads; None leaves the worker's own setting."""


def devices(gpus: Sequence[str], workers: int | None, cpus: int) -> tuple[Device, ...]:
    """One device a worker: the GPUs first, then CPU workers that share the threads.

    Args:
        gpus: what CUDA_VISIBLE_DEVICES calls each GPU.
        workers: how many workers; None for one a GPU, or one on the CPU where there is none.
        cpus: CPU threads of this machine.
    """
    count = workers if workers is not None else max(len(gpus), 1)
    on_gpu = [Device(f"gpu{index}", gpu, None) for index, gpu in enumerate(gpus[:count])]
    rest = count - len(on_gpu)
    # A lone CPU worker keeps its own setting, which by default is every thread.
    threads = max(cpus // rest, 1) if rest > 1 else None
    on_cpu = [Device(f"cpu{index}", NO_GPU, threads) for index in range(rest)]
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


def cpu_count() -> int:
    """CPU threads that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
