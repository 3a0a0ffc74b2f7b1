"""The artifact store in a folder."""

import errno
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.artifacts.address import open_artifacts
from shared.artifacts.directory import DirectoryStore
from shared.errors import ArtifactStoreError, ConfigurationError, NotFoundError


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "artifacts")


def test_what_is_put_is_got_whole_or_in_part(store: DirectoryStore) -> None:
    store.put("a/b.png", b"0123456789")

    assert store.get("a/b.png") == b"0123456789"
    assert store.read("a/b.png", 2, 3) == b"234"
    assert store.size("a/b.png") == 10


def test_putting_again_replaces(store: DirectoryStore) -> None:
    store.put("a", b"old")
    store.put("a", b"new")

    assert store.get("a") == b"new"


def test_what_is_not_there_is_said_not_to_be(store: DirectoryStore) -> None:
    with pytest.raises(NotFoundError, match="no artifact 'nothing'"):
        store.get("nothing")
    assert store.size("nothing") is None
    store.delete("nothing")


def test_keys_below_a_folder_come_in_order(store: DirectoryStore) -> None:
    for key in ("x/2", "x/1/deep", "y/3"):
        store.put(key, b"")

    assert list(store.keys("x")) == ["x/1/deep", "x/2"]


def test_files_are_listed_with_size_and_age_half_written_ones_too(store: DirectoryStore) -> None:
    store.put("x/1", b"whole")
    (store.root / "x" / ".2.0a1b2c").write_bytes(b"half")
    os.utime(store.root / "x" / "1", (0, time.time() - 100))

    found = {file.key: (file.bytes, round(file.age_seconds, -1)) for file in store.files("")}

    assert found == {"x/1": (5, 100), "x/.2.0a1b2c": (4, 0)}
    assert list(store.files("nothing here")) == []


def test_a_folder_goes_with_its_last_file(store: DirectoryStore) -> None:
    store.put("x/1/deep", b"")
    store.put("x/2", b"")

    store.delete("x/1/deep")
    one_left = list(store.root.rglob("*"))
    store.delete("x/2")

    assert one_left == [store.root / "x", store.root / "x" / "2"]
    assert list(store.root.iterdir()) == []


def test_what_is_put_where_folders_come_and_go_is_there(store: DirectoryStore) -> None:
    def come_and_go(name: str) -> None:
        for _ in range(200):
            store.put(f"a/b/{name}", b"")
            assert store.size(f"a/b/{name}") == 0
            store.delete(f"a/b/{name}")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(come_and_go, "wxyz"))

    assert list(store.keys("")) == []


@pytest.mark.parametrize("key", ["../outside", "a/../../outside", "/etc/passwd"])
def test_no_key_leads_out_of_the_folder(store: DirectoryStore, key: str) -> None:
    with pytest.raises(NotFoundError):
        store.get(key)


def test_a_disk_that_fills_up_leaves_the_old_file_and_no_half_one(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("a", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArtifactStoreError, match=r"cannot write .*/a: No space left on device"):
        store.put("a", b"new")

    assert store.get("a") == b"old"
    assert [path.name for path in store.root.iterdir()] == ["a"]


def test_a_file_where_the_folder_should_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_text("in the way")

    with pytest.raises(ArtifactStoreError, match="something on the way is no folder"):
        DirectoryStore(tmp_path / "artifacts").put("a/b", b"")


def test_the_check_leaves_nothing_behind(store: DirectoryStore) -> None:
    store.check()

    assert list(store.keys("")) == []


def test_an_address_names_a_folder(tmp_path: Path) -> None:
    for address in (str(tmp_path), tmp_path.as_uri()):
        store = open_artifacts(address)

        assert isinstance(store, DirectoryStore)
        assert store.root == tmp_path


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="possible are a folder"):
        open_artifacts("ftp://example/x")
