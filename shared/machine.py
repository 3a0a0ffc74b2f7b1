"""The memory of this machine, as far as its processes may use it."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

GIB = 2**30
# The rest is the system's, the service's other processes', and what an estimate may be wrong by.
SHARE_OF_WORKERS = 0.8


def worker_memory_gib(workers: int = 1, root: Path = Path("/")) -> float:
    """What each of so many workers has, in GiB.

    Args:
        workers: how many share the machine, 1 or more.
        root: where the system's files are.
    """
    return SHARE_OF_WORKERS * usable_bytes(root) / max(1, workers) / GIB


def usable_bytes(root: Path = Path("/")) -> int:
    """The machine's memory, or less where a control group allows less."""
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([installed, *_group_limits(root)])


def _group_limits(root: Path) -> Iterator[int]:
    """The limits of this process' control groups and of all above them; nothing where the system has none."""
    mounted = root / "sys/fs/cgroup"
    for controllers, group in _groups(root / "proc/self/cgroup"):
        folder, name = (
            (mounted / "memory", "memory.limit_in_bytes") if "memory" in controllers else (mounted, "memory.max")
        )
        for above in (group, *group.parents):
            limit = _number(folder / above.relative_to("/") / name)
            if limit is not None:
                yield limit


def _groups(told: Path) -> Iterator[tuple[list[str], PurePosixPath]]:
    """Controllers and path of every group that limits memory: in cgroup 1 one of several, in cgroup 2 the only one."""
    for line in _text(told).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in {"", "memory"} or "memory" in controllers.split(","):
            yield controllers.split(","), PurePosixPath(path)


def _number(file: Path) -> int | None:
    text = _text(file).strip()
    return int(text) if text.isdecimal() else None


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
