"""Frames to be animated, and animations taken apart again."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory
from typing import Any

import imageio_ffmpeg
import numpy as np
import PIL.Image

from worker.engine.animation import Animation, AnimationSettings
from worker.engine.image import Image, noise
from worker.engine.palette import Pixels


def clouds(count: int, size: tuple[int, int] = (48, 64)) -> list[Image]:
    """Soft frames of whole levels, each another."""
    height, width = size
    grains = [64 + noise((4, 4), seed) / 2 for seed in range(count)]
    smooth = [
        [
            PIL.Image.fromarray(grain[:, :, band]).resize((width, height), PIL.Image.Resampling.BICUBIC)
            for band in range(3)
        ]
        for grain in grains
    ]
    return [np.rint(np.stack([np.asarray(band) for band in bands], 2)) for bands in smooth]


def animation(frames: Sequence[Image], comment: str = "", **settings: Any) -> Animation:
    """The animation of frames, before its first picture."""
    return Animation(AnimationSettings(**settings), len(frames), frames.__getitem__, comment)


def animated(frames: Sequence[Image], comment: str = "", **settings: Any) -> bytes:
    """The file of an animation, made in one go."""
    work = animation(frames, comment, **settings)
    while not work.finished:
        work.advance()
    return work.result()


def opened(data: bytes) -> Any:
    """A GIF, WebP or APNG as Pillow reads it."""
    return PIL.Image.open(BytesIO(data))


def shown(data: bytes) -> list[Pixels]:
    """Every picture of a GIF, WebP or APNG."""
    image = opened(data)
    pictures: list[Pixels] = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        pictures.append(np.asarray(image.convert("RGB")))
    return pictures


def durations(data: bytes) -> list[int]:
    """How long every picture is shown, in milliseconds."""
    image = opened(data)
    found: list[int] = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        found.append(round(image.info["duration"]))
    return found


def filmed(data: bytes, *arguments: str) -> tuple[bytes, str]:
    """What ffmpeg makes of an MP4, and what it says."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        path.write_bytes(data)
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-fps_mode", "passthrough", *arguments, "-"]
        done = run(command, capture_output=True, check=True)
    return done.stdout, done.stderr.decode()


def psnr(picture: Pixels, other: Image | Pixels) -> float:
    """Peak signal-to-noise ratio in decibels."""
    return float(10 * np.log10(255**2 / max(1e-9, ((picture.astype(np.float64) - other) ** 2).mean())))
