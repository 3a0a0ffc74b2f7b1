"""The processor of this machine, as it names itself."""

import platform
from collections.abc import Mapping
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
# Those that kernels are chosen by, on x86 and on ARM.
KNOWN_INSTRUCTIONS = (
    *("avx", "avx2", "fma", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_fp16"),
    *("asimd", "asimddp", "bf16", "sve", "sve2"),
)


def processor_name() -> str:
    """The processor's model, such as `AMD EPYC 7B13`; its kind, such as `arm64`, where it tells no more."""
    return _told().get("model name") or platform.processor() or platform.machine()


def processor_instructions() -> tuple[str, ...]:
    """What of `KNOWN_INSTRUCTIONS` the processor can do; nothing where it does not say."""
    told = _told()
    has = set((told.get("flags") or told.get("Features") or "").split())
    return tuple(name for name in KNOWN_INSTRUCTIONS if name in has)


def _told() -> Mapping[str, str]:
    """What Linux tells of the first core."""
    if not CPU_INFO.exists():
        return {}
    first, _, _ = CPU_INFO.read_text().partition("\n\n")
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
