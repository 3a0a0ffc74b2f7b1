"""Joins frames in a process of its own, and prints the most memory that it took, in bytes."""

import json
import sys
from pathlib import Path

import numpy as np

from worker.engine.animation import Animation, AnimationSettings
from worker.engine.image import Image

HEIGHT, WIDTH = 480, 640
KILOBYTE = 1024
PEAK = "VmHWM:"


def frame(number: int) -> Image:
    """A square that wanders over a gradient."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    picture = np.stack([columns * 0.3, rows * 0.4, (columns + rows) * 0.2], axis=2)
    left = 2 * number % (WIDTH - 100)
    picture[100:200, left : left + 100] = (250, 30, 30)
    return picture


def main(settings: str, frames: str) -> None:
    """Join so many frames, putting the work away again and again."""
    work = Animation(AnimationSettings(**json.loads(settings)), int(frames), frame)
    advances = 0
    while not work.finished:
        work.advance()
        advances += 1
        if advances % 20 == 0:
            work.pack()
    print(peak_bytes())  # noqa: T201


def peak_bytes() -> int:
    """Linux' own count: that of `getrusage` begins with what the parent had."""
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index(PEAK) + 1]) * KILOBYTE


if __name__ == "__main__":
    main(*sys.argv[1:])
