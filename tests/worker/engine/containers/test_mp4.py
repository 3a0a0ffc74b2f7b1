"""An MP4 plays everywhere, for as long as it should."""

import os
import re
import sys

import numpy as np
import pytest

from tests.worker.engine.moving import animated, animation, clouds, filmed, psnr
from worker.engine.containers.mp4 import Mp4
from worker.engine.errors import EncoderMissingError
from worker.engine.image import Image, solid

FRAMES = ("-f", "rawvideo", "-pix_fmt", "rgb24")
NOTHING = ("-vf", "showinfo", "-f", "null")


def test_its_pictures_are_those_that_went_in() -> None:
    # given
    frames = clouds(4, (96, 128))

    # when
    raw, told = filmed(animated(frames, container="mp4"), *FRAMES)

    # then
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, 96, 128, 3)
    assert min(psnr(*pair) for pair in zip(pictures[:4], frames, strict=True)) > 30
    assert "h264" in told
    assert "yuv420p(tv, bt709" in told


def test_every_picture_begins_when_it_should_and_the_last_one_stays_its_time() -> None:
    # when
    _, told = filmed(animated(clouds(2), container="mp4", frame_seconds=0.24, crossfade=2, bounce=True), *NOTHING)

    # then
    begins = [float(found) for found in re.findall(r"pts_time:(\S+)", told)]
    assert begins == [0, 0.12, 0.18, 0.24, 0.36, 0.42, 0.48]


@pytest.mark.parametrize("count", [1, 2, 200])
def test_as_many_pictures_come_out_as_went_in(count: int) -> None:
    # when
    raw, _ = filmed(animated(clouds(count, (6, 8)), container="mp4"), *FRAMES)

    # then: the last one is told once more, for its time
    assert len(raw) == (count + 1) * 6 * 8 * 3


@pytest.mark.parametrize(("size", "even"), [((47, 63), "64x48"), ((1, 1), "2x2")])
def test_odd_sides_are_made_even(size: tuple[int, int], even: str) -> None:
    # given
    frames: list[Image] = [solid((200, 40, 10), size)]

    # when
    _, told = filmed(animated(frames, container="mp4"), *NOTHING)

    # then
    assert f"{even}, " in told or f" {even} " in told


def test_it_tells_of_its_own_making() -> None:
    _, told = filmed(animated(clouds(1), '{"layer": "mixed4c"}', container="mp4"), *NOTHING)

    assert '{"layer": "mixed4c"}' in told


def test_without_the_extra_it_is_refused_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)

    # then
    with pytest.raises(EncoderMissingError, match=r"pip install '\.\[video\]'"):
        animation(clouds(2), container="mp4")


def test_what_ffmpeg_says_of_its_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr("worker.engine.containers.mp4.RATE_FACTOR", "plenty")

    # then
    with pytest.raises(ChildProcessError, match="plenty"):
        animated(clouds(3), container="mp4")


def test_a_signal_to_the_workers_group_does_not_reach_ffmpeg() -> None:
    # given
    work = animation(clouds(3), container="mp4")
    work.advance()

    # when
    container = work._container

    # then
    assert isinstance(container, Mp4)
    assert os.getpgid(container._process.pid) != os.getpgid(0)


def test_an_unfinished_film_leaves_no_program_behind() -> None:
    # given
    work = animation(clouds(3), container="mp4")
    work.advance()
    container = work._container
    assert isinstance(container, Mp4)
    process = container._process

    # when
    del container, work

    # then
    assert process.returncode is not None
