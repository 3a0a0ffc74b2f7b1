"""An S3 server of a test's own, which can be killed and come back with its objects."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from shared.artifacts.address import open_artifacts
from shared.artifacts.store import ArtifactStore
from tests.patience import wait_until

START_SECONDS = 10.0


@contextmanager
def artifacts_in_bucket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArtifactStore]:
    """An artifact store in a bucket that this process knows the keys of."""
    bucket = Bucket(folder)
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    bucket.start()
    yield open_artifacts(bucket.url)
    bucket.kill()


@dataclass
class Bucket:
    """A server with one bucket, `pictures`.

    Attributes:
        folder: where it keeps its objects.
        port: where it listens.
        url: of a prefix in its bucket.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    url: str = "s3://pictures/dreams"

    @property
    def environment(self) -> Mapping[str, str]:
        """How its clients find it, and who they are."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }

    def start(self) -> None:
        """Start it and wait until it listens."""
        (self.folder / "objects/pictures").mkdir(parents=True, exist_ok=True)
        rclone = Path(sys.executable).parent / "rclone"
        # Without a pause before it writes back: what was put is kept, whenever it is killed.
        cache = ["--vfs-cache-mode", "writes", "--vfs-write-back", "0"]
        address = ["--addr", f"127.0.0.1:{self.port}", "--auth-key", "key,secret"]
        self.process = subprocess.Popen(
            [rclone, "serve", "s3", *address, *cache, self.folder / "objects"],
            env={"HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache")},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._listens, "the S3 server listens", START_SECONDS)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _listens(self) -> bool:
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0
