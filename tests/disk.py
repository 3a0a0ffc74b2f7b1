"""A small disk of a test's own, which can fill up and refuse to be written."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.patience import wait_until

SIZE = "512k"
BLOCK = bytes(4096)


@dataclass(frozen=True)
class Disk:
    """A file system in memory, mounted at a folder."""

    folder: Path

    def fill(self) -> None:
        """Leave not a block free."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            try:
                while ballast.write(BLOCK):
                    pass
            except OSError:
                return

    def free(self) -> None:
        """Give the room back."""
        (self.folder / "ballast").unlink()

    def lock(self) -> None:
        """Refuse whoever writes; root too, whom modes do not stop."""
        wait_until(lambda: self._remounted("ro"), "nobody writes to the disk")

    def unlock(self) -> None:
        """Let everybody write again."""
        self._remounted("rw")

    def deny(self) -> None:
        """Let nobody write in it whom modes stop."""
        self.folder.chmod(0o555)

    def permit(self) -> None:
        """Take that back."""
        self.folder.chmod(0o755)

    def _remounted(self, how: str) -> bool:
        command = ["mount", "-o", f"remount,{how}", self.folder]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def mounted(folder: Path) -> Iterator[Disk | None]:
    """The disk at this new folder; None where this user may not mount."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
    try:
        may = subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        may = False
    try:
        yield Disk(folder) if may else None
    finally:
        if may:
            subprocess.run(["umount", "--lazy", folder], check=True)
