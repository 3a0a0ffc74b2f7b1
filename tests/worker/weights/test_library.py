"""What is at hand: found, chosen, checked and read."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shared.errors import UnknownNetworkError, WeightsCorruptError, WeightsUnavailableError
from shared.networks import NETWORKS
from shared.settings import WeightsSettings
from worker.weights.checksums import tensors_digest
from worker.weights.formats.npz import read_npz, write_npz
from worker.weights.library import available, find, resolve, verify
from worker.weights.loading import load
from worker.weights.manifest import AUTO, MANIFEST


@pytest.fixture
def settings(empty_settings: WeightsSettings, weights_dir: Path) -> WeightsSettings:
    """Settings with the published networks in the directory."""
    return empty_settings.model_copy(update={"dir": weights_dir})


def test_the_manifest_knows_exactly_the_networks_that_a_spec_can_name_in_the_order_of_auto() -> None:
    assert list(MANIFEST) == list(NETWORKS) == ["inception5h", "googlenet", "vgg16"]


def test_every_network_has_one_identity() -> None:
    identities = [weights.identity for weights in MANIFEST.values()]

    assert len(set(identities)) == len(identities)
    assert all(len(identity) == 64 for identity in identities)


@pytest.mark.parametrize("name", ["googlenet", "vgg16"])
def test_the_published_files_hold_the_tensors_of_the_manifest(
    name: str, settings: WeightsSettings, weights_dir: Path
) -> None:
    tensors = load(name, settings)

    assert tensors_digest(tensors) == MANIFEST[name].tensors_sha256
    assert verify(name, settings) == (weights_dir / f"{name}.npz",)


def test_auto_is_the_first_network_at_hand(settings: WeightsSettings) -> None:
    assert resolve(AUTO, settings) == available(settings)[0]


def test_nothing_at_hand_says_how_to_get_it(empty_settings: WeightsSettings) -> None:
    assert available(empty_settings) == ()
    with pytest.raises(WeightsUnavailableError, match="dreamqueue-worker weights fetch auto"):
        resolve(AUTO, empty_settings)
    with pytest.raises(WeightsUnavailableError, match=r"no vgg16.npz or .*weights fetch vgg16"):
        load("vgg16", empty_settings)
    with pytest.raises(WeightsUnavailableError, match="weights fetch vgg16"):
        verify("vgg16", empty_settings)


@pytest.mark.parametrize("question", [find, load, verify, resolve])
def test_an_unknown_network_lists_those_that_are(
    question: Callable[[str, WeightsSettings], object], empty_settings: WeightsSettings
) -> None:
    with pytest.raises(UnknownNetworkError, match="possible are auto, inception5h"):
        question("resnet", empty_settings)


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 half a zip"])
def test_a_damaged_file_is_named_and_said_to_be_damaged(content: bytes, empty_settings: WeightsSettings) -> None:
    empty_settings.cache_dir.mkdir()
    path = empty_settings.cache_dir / "vgg16.npz"
    path.write_bytes(content)

    with pytest.raises(WeightsCorruptError, match=str(path)):
        load("vgg16", empty_settings)


def test_one_changed_number_is_noticed(empty_settings: WeightsSettings, weights_dir: Path) -> None:
    empty_settings.cache_dir.mkdir()
    tensors = read_npz(weights_dir / "googlenet.npz")
    tensors["conv1/7x7_s2/bias"][0] += np.float32(1e-3)
    write_npz(empty_settings.cache_dir / "googlenet.npz", tensors)

    with pytest.raises(WeightsCorruptError, match="does not hold the published tensors of googlenet"):
        verify("googlenet", empty_settings)


def test_a_good_file_in_the_cache_stands_in_for_a_damaged_one_in_the_directory(
    settings: WeightsSettings, tmp_path: Path, weights_dir: Path
) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / "googlenet.npz").write_bytes(b"garbage")
    mended = settings.model_copy(update={"dir": folder, "cache_dir": weights_dir})

    assert len(load("googlenet", mended)) == 116


def test_a_frozen_graph_is_checked_before_it_is_opened(empty_settings: WeightsSettings) -> None:
    empty_settings.cache_dir.mkdir()
    (empty_settings.cache_dir / "tensorflow_inception_graph.pb").write_bytes(b"no graph")

    with pytest.raises(WeightsCorruptError, match="sha256 is"):
        load("inception5h", empty_settings)


def test_listing_fetching_and_reading_vgg16_never_import_tensorflow(settings: WeightsSettings) -> None:
    program = f"""
import sys
from collections.abc import Callable
from pathlib import Path
from worker.weights import commands, fetch, library
from shared.settings import WeightsSettings
library.verify("vgg16", WeightsSettings(dir={str(settings.dir)!r}))
assert "tensorflow" not in sys.modules
"""

    ending = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert ending.returncode == 0, ending.stderr.decode()
