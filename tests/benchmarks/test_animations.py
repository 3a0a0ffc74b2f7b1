"""Animations are joined fast, in little memory, and into GIFs as small as gifsicle's."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.conftest import ROOT, Figure, missing
from tests.worker.engine.moving import animated, psnr, shown
from worker.engine.image import Image, noise, to_bytes
from worker.engine.palette import Pixels

pytestmark = pytest.mark.slow

SIZE = (480, 640)
SECONDS_A_GIF = 5.0
GIFSICLE_SHARE = 1.1
MEGABYTE = 2**20


@pytest.fixture(scope="session")
def gifsicle() -> str:
    """The program that shrinks GIFs."""
    return shutil.which("gifsicle") or missing("gifsicle is not installed; it is a package of that name in Debian")


@pytest.fixture(scope="session")
def dreams(goldens_dir: Path) -> list[Image]:
    """A photo and what it is dreamed into, layer by layer: real grain at its own size, mirrored out to 640 x 480."""
    with np.load(goldens_dir / "dream_chain.npz") as chain:
        pictures = [chain["image"].astype(np.float32), *chain["output"]]
    height, width = pictures[0].shape[:2]
    margins = ((0, SIZE[0] - height), (0, SIZE[1] - width), (0, 0))
    return [np.pad(picture, margins, mode="symmetric") for picture in pictures]


@pytest.fixture(scope="session")
def grain() -> list[Image]:
    """The hardest of all: nothing but noise."""
    return [noise(SIZE, seed) for seed in range(4)]


@pytest.fixture(scope="session")
def wanderer(dreams: list[Image]) -> list[Image]:
    """A disc that wanders over a dream which stays."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    frames: list[Image] = []
    for number in range(12):
        frame = dreams[1].copy()
        frame[(columns - 100 - 30 * number) ** 2 + (rows - 240) ** 2 < 3600] = (250, 120, 30)
        frames.append(frame)
    return frames


@pytest.mark.parametrize("what", ["dreams", "grain"])
def test_sixty_pictures_become_a_gif_in_seconds(what: str, request: pytest.FixtureRequest, figure: Figure) -> None:
    # given
    frames: list[Image] = request.getfixturevalue(what)

    # when: one thread works, and its own time is what a quiet machine would take
    began = time.thread_time()
    animated(frames, crossfade=19)

    # then
    figure("seconds for 61 pictures of 640 x 480", time.thread_time() - began, SECONDS_A_GIF)


@pytest.mark.parametrize(("what", "crossfade"), [("dreams", 3), ("grain", 0), ("wanderer", 0)])
@pytest.mark.parametrize("settings", [{}, {"palette": "global", "dither": True}], ids=str)
def test_a_gif_is_as_small_as_gifsicle_makes_the_same_pictures(
    what: str,
    crossfade: int,
    settings: dict[str, Any],
    request: pytest.FixtureRequest,
    gifsicle: str,
    tmp_path: Path,
    figure: Figure,
) -> None:
    # given
    ours = animated(request.getfixturevalue(what), crossfade=crossfade, **settings)

    # when
    pictures = shown(ours)
    theirs = optimized(gifsicle, pictures, tmp_path)

    # then
    figure("share of gifsicle -O2's bytes", len(ours) / len(theirs), GIFSICLE_SHARE)
    assert all((one == other).all() for one, other in zip(pictures, shown(theirs), strict=True))


@pytest.mark.parametrize(("what", "decibels"), [("dreams", 33.0), ("grain", 26.0)])
def test_its_colours_are_closer_than_those_of_a_median_cut(
    what: str, decibels: float, request: pytest.FixtureRequest, figure: Figure
) -> None:
    # given
    frame: Image = request.getfixturevalue(what)[-1]

    # when
    (ours,) = shown(animated([frame]))
    cut = Pillow.fromarray(to_bytes(frame)).quantize(255, Pillow.Quantize.MEDIANCUT, dither=Pillow.Dither.NONE)

    # then
    theirs = psnr(np.asarray(cut.convert("RGB")), to_bytes(frame))
    figure("decibels of a median cut, less ours", theirs - psnr(ours, to_bytes(frame)), 0.0)
    assert psnr(ours, to_bytes(frame)) > decibels


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process")
@pytest.mark.parametrize("settings", [{"palette": "global"}, {"container": "webp"}, {"container": "mp4"}], ids=str)
def test_two_hundred_frames_take_the_memory_of_a_few(settings: dict[str, Any], figure: Figure) -> None:
    # given
    few = peak(settings, 2)

    # when
    many = peak(settings, 200)

    # then: two hundred pictures are 176 MiB as bytes, and four times that as the engine's floats
    figure("MiB more for 200 frames of 640 x 480 than for 2", (many - few) / MEGABYTE, 25)


def peak(settings: dict[str, Any], frames: int) -> int:
    """The most memory of a process that joins so many frames, in bytes."""
    command = [sys.executable, str(Path(__file__).with_name("joining.py")), json.dumps(settings), str(frames)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    return int(done.stdout)


def optimized(gifsicle: str, pictures: Sequence[Pixels], folder: Path) -> bytes:
    """The same pictures, each whole and in exactly its own colours, as `gifsicle -O2` writes them."""
    paths = [folder / f"{number:03d}.gif" for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        exact(picture).save(path, optimize=False)
    command = [gifsicle, "-O2", "--no-warnings", "--loopcount=forever", "--delay=10", *map(str, paths)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def exact(picture: Pixels) -> Pillow.Image:
    """A picture of at most 256 colours, with just these as its palette."""
    red, green, blue = picture.astype(np.uint32).transpose(2, 0, 1)
    colors, numbers = np.unique(red << 16 | green << 8 | blue, return_inverse=True)
    image = Pillow.fromarray(numbers.reshape(picture.shape[:2]).astype(np.uint8), "P")
    image.putpalette(np.stack([colors >> 16, colors >> 8 & 255, colors & 255], 1).astype(np.uint8).tobytes())
    return image
