"""Fixtures that every test may ask for: where weights, goldens and photos lie."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BESIDE = ROOT.parent / "shared"


def required(path: Path, what: str) -> Path:
    """A path that a test cannot do without: missing, it skips on a developer's machine and fails in CI."""
    if path.exists():
        return path
    reason = f"{what} are not at {path}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """The folder with the pretrained networks as `.npz`."""
    return required(Path(os.environ.get("DREAMQUEUE_WEIGHTS__DIR", BESIDE / "weights")), "pretrained networks")


@pytest.fixture(scope="session")
def goldens_dir() -> Path:
    """The folder with what the original programs compute."""
    return required(BESIDE / "goldens", "results of the original programs")


@pytest.fixture(scope="session")
def photos_dir() -> Path:
    """The folder with the photos for tests."""
    return required(BESIDE / "photos", "photos")
