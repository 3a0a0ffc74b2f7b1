"""The memory that this machine leaves to its processes."""

from pathlib import Path

import pytest

from shared.machine import GIB, SHARE_OF_WORKERS, usable_bytes, worker_memory_gib

INSTALLED = usable_bytes(Path("/nowhere"))
LIMIT = 2**20

LIMITED = {
    "cgroup 2": ("0::/jobs/one\n", "jobs/one/memory.max"),
    "cgroup 2, above": ("0::/jobs/one\n", "jobs/memory.max"),
    "cgroup 2, in a container": ("0::/\n", "memory.max"),
    "cgroup 1": ("9:cpu:/other\n4:memory:/jobs\n", "memory/jobs/memory.limit_in_bytes"),
    "cgroup 1, in a container": ("4:memory:/docker/4f2a\n", "memory/memory.limit_in_bytes"),
}


def limited(root: Path, groups: str, file: str, limit: str) -> Path:
    """A system whose control group is told `limit`."""
    told, written = root / "proc/self/cgroup", root / "sys/fs/cgroup" / file
    for path, text in ((told, groups), (written, limit)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(("groups", "file"), LIMITED.values(), ids=LIMITED.keys())
def test_a_control_group_that_allows_less_is_heeded(tmp_path: Path, groups: str, file: str) -> None:
    root = limited(tmp_path, groups, file, f"{LIMIT}\n")

    assert usable_bytes(root) == LIMIT


@pytest.mark.parametrize("limit", ["max\n", f"{2**62}\n"])
def test_a_control_group_without_a_limit_leaves_what_is_installed(tmp_path: Path, limit: str) -> None:
    root = limited(tmp_path, "0::/\n", "memory.max", limit)

    assert usable_bytes(root) == INSTALLED > LIMIT


def test_workers_share_most_of_the_memory(tmp_path: Path) -> None:
    root = limited(tmp_path, "0::/\n", "memory.max", f"{8 * 2**20}\n")

    assert worker_memory_gib(2, root) == pytest.approx(SHARE_OF_WORKERS * 4 * LIMIT / GIB)
