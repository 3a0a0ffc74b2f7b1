"""Animations hold every picture, loop as asked, can be cut anywhere, and are the same every time."""

from typing import Any

import numpy as np
import pytest

from tests.worker.engine.moving import animated, animation, clouds, durations, opened, psnr, shown
from worker.engine.errors import SettingsError
from worker.engine.image import Image, noise, to_bytes

STILLS = ("gif", "webp", "apng")
EVERY = (*STILLS, "mp4")
WAYS = [
    *({"container": name} for name in EVERY),
    {"palette": "global"},
    {"dither": True},
    {"palette": "global", "dither": True},
]


@pytest.mark.parametrize("container", STILLS)
@pytest.mark.parametrize("count", [1, 2, 200])
def test_as_many_pictures_come_out_as_went_in(container: str, count: int) -> None:
    # given
    frames = clouds(count, (6, 8))

    # when
    pictures = shown(animated(frames, container=container))

    # then
    assert [picture.shape for picture in pictures] == count * [(6, 8, 3)]
    assert min(psnr(*pair) for pair in zip(pictures, frames, strict=True)) > 18


@pytest.mark.parametrize("container", STILLS)
def test_mixtures_and_the_way_back_are_shown_for_their_time(container: str) -> None:
    # when
    data = animated(clouds(3), container=container, frame_seconds=0.24, crossfade=2, bounce=True)

    # then
    assert durations(data) == 4 * [120, 60, 60]
    pictures = shown(data)
    assert psnr(pictures[1], pictures[-1]) > 40


@pytest.mark.parametrize("container", STILLS)
@pytest.mark.parametrize(("loop", "written"), [(0, 0), (1, None), (3, 2)])
def test_it_plays_as_often_as_asked(container: str, loop: int, written: int | None) -> None:
    # A GIF counts how often it plays again, the others how often it plays.
    assert opened(animated(clouds(2), container=container, loop=loop)).info.get("loop") == (
        written if container == "gif" else loop
    )


@pytest.mark.parametrize("settings", WAYS, ids=str)
def test_making_it_twice_gives_the_same_bytes(settings: dict[str, Any]) -> None:
    first, second = (animated(clouds(3), crossfade=1, **settings) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("settings", [way for way in WAYS if way.get("container") != "mp4"], ids=str)
def test_cut_after_every_picture_it_ends_in_the_same_bytes(settings: dict[str, Any]) -> None:
    # given
    frames = clouds(3, (12, 16))
    whole = animated(frames, "a cat", crossfade=1, bounce=True, **settings)

    # when
    work = animation(frames, "a cat", crossfade=1, bounce=True, **settings)
    while not work.finished:
        packed = work.pack()
        work = animation(frames, "a cat", crossfade=1, bounce=True, **settings)
        work.unpack(packed)
        work.advance()

    # then
    assert work.result() == whole


def test_an_mp4_cannot_be_put_away_and_begins_anew() -> None:
    # given
    work = animation(clouds(2), container="mp4")
    work.advance()

    # when
    packed = work.pack()

    # then
    assert packed == b""
    with pytest.raises(ValueError, match="no packed animation"):
        animation(clouds(2), container="mp4").unpack(packed)


@pytest.mark.parametrize("packed", [b"", b"PK\x03\x04 torn", b"nothing of the kind"])
def test_what_is_no_packed_animation_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"packed animation|pickled"):
        animation(clouds(2)).unpack(packed)


def test_progress_rises_with_every_picture_and_says_what_is_done() -> None:
    # given
    work = animation(clouds(3), palette="global", bounce=True)
    told: list[tuple[float, str]] = []

    # when
    while not work.finished:
        told.append((round(work.progress, 2), work.detail))
        work.advance()

    # then
    assert told == [
        (0.0, "gif | colours of picture 0/3"),
        (0.14, "gif | colours of picture 1/3"),
        (0.29, "gif | colours of picture 2/3"),
        (0.43, "gif | picture 0/4"),
        (0.57, "gif | picture 1/4"),
        (0.71, "gif | picture 2/4"),
        (0.86, "gif | picture 3/4"),
    ]
    assert work.progress == 1.0


def test_a_frame_is_read_once_on_the_way_forth_and_only_two_are_held() -> None:
    # given
    frames = clouds(5, (6, 8))
    read: list[int] = []

    class Counted(list[Image]):
        def __getitem__(self, number: int) -> Image:  # type: ignore[override]
            read.append(number)
            return frames[number]

    # when
    animated(Counted(frames), crossfade=3, bounce=True)

    # then
    assert read == [0, 1, 2, 3, 4, 2, 1, 0]


@pytest.mark.parametrize("container", EVERY)
def test_frames_of_two_sizes_are_refused(container: str) -> None:
    with pytest.raises(SettingsError, match="frame size"):
        animated([noise((20, 30), 0), noise((20, 31), 0)], container=container)


@pytest.mark.parametrize(
    ("change", "named"), [({"loop": -1}, "loop"), ({"container": "avi"}, "gif or webp or apng or mp4")]
)
def test_settings_out_of_range_are_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        animation(clouds(2), **change)


def test_no_frames_are_refused() -> None:
    with pytest.raises(SettingsError, match="one or more"):
        animation([])


def test_levels_outside_a_byte_are_clipped() -> None:
    # given
    frame = np.linspace(-40, 300, 30 * 40 * 3, dtype=np.float32).reshape(30, 40, 3)

    # when
    (picture,) = shown(animated([frame], container="apng"))

    # then
    assert (picture == to_bytes(frame)).all()
