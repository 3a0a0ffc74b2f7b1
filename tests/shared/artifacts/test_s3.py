"""The artifact store in a bucket, against a real S3 server."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.artifacts.address import open_artifacts
from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactStoreError, NotFoundError


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the S3 server did not start")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArtifactStore]:
    (tmp_path / "pictures").mkdir()
    port = free_port()
    rclone = Path(sys.executable).parent / "rclone"
    address = f"127.0.0.1:{port}"
    command = [rclone, "serve", "s3", "--addr", address, "--auth-key", "key,secret", "--vfs-cache-mode", "writes"]
    environment = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{address}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    with subprocess.Popen([*command, tmp_path], env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield open_artifacts("s3://pictures/dreams")
        finally:
            server.kill()


def test_what_is_put_in_a_bucket_is_got_whole_or_in_part(store: ArtifactStore) -> None:
    store.put("a/b.png", b"0123456789")

    assert store.get("a/b.png") == b"0123456789"
    assert store.read("a/b.png", 2, 3) == b"234"
    assert store.size("a/b.png") == 10
    assert list(store.keys("a")) == ["a/b.png"]


def test_what_is_not_in_the_bucket_is_said_not_to_be(store: ArtifactStore) -> None:
    store.delete("nothing")

    assert store.size("nothing") is None
    with pytest.raises(NotFoundError, match="no artifact 'nothing'"):
        store.get("nothing")


def test_the_check_writes_and_leaves_nothing_behind(store: ArtifactStore) -> None:
    store.check()

    assert list(store.keys("health")) == []


def test_a_bucket_that_is_not_there_is_a_clear_error(store: ArtifactStore) -> None:
    del store
    with pytest.raises(ArtifactStoreError, match="cannot write health/check in s3://elsewhere"):
        open_artifacts("s3://elsewhere").check()
