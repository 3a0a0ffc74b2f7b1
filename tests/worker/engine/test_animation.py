"""Animations hold every frame, loop as asked, and are the same every time."""

from io import BytesIO

import numpy as np
import PIL.Image
import pytest

from worker.engine.animation import encode_gif
from worker.engine.errors import SettingsError
from worker.engine.image import Image, noise, solid


def frames(count: int) -> list[Image]:
    return [noise((20, 30), seed) for seed in range(count)]


def opened(data: bytes) -> PIL.Image.Image:
    return PIL.Image.open(BytesIO(data))


def durations(animation: PIL.Image.Image) -> list[int]:
    found: list[int] = []
    for index in range(getattr(animation, "n_frames", 1)):
        animation.seek(index)
        found.append(animation.info["duration"])
    return found


@pytest.mark.parametrize(
    ("count", "crossfade", "bounce", "expected"),
    [(1, 0, False, 1), (4, 0, False, 4), (4, 2, False, 10), (4, 0, True, 6), (3, 1, True, 8), (1, 3, True, 1)],
)
def test_a_gif_holds_every_frame(count: int, crossfade: int, bounce: bool, expected: int) -> None:
    # when
    animation = opened(encode_gif(iter(frames(count)), 0.25, crossfade=crossfade, bounce=bounce))

    # then
    assert getattr(animation, "n_frames", 1) == expected
    assert animation.size == (30, 20)


def test_a_frame_is_held_for_half_its_time_and_blends_for_the_rest() -> None:
    # when
    alone, blended = (opened(encode_gif(frames(3), 0.24, crossfade=blends)) for blends in (0, 2))

    # then
    assert durations(alone) == [240, 240, 240]
    assert durations(blended) == [120, 60, 60, 120, 60, 60, 120]


@pytest.mark.parametrize(("loop", "written"), [(0, 0), (1, None), (3, 2)])
def test_a_gif_plays_as_often_as_asked(loop: int, written: int | None) -> None:
    assert opened(encode_gif(frames(2), 0.1, loop=loop)).info.get("loop") == written


def test_writing_twice_gives_the_same_bytes() -> None:
    assert encode_gif(frames(3), 0.1, crossfade=1) == encode_gif(frames(3), 0.1, crossfade=1)


def test_colours_come_out_as_they_went_in() -> None:
    # given
    frame = np.concatenate([solid((200, 40, 10), (10, 20)), solid((10, 90, 220), (10, 20))])

    # when
    read = np.asarray(opened(encode_gif([frame], 0.1)).convert("RGB"), np.float32)

    # then
    assert np.abs(read - frame).max() <= 4


def test_frames_of_two_sizes_are_refused() -> None:
    with pytest.raises(SettingsError, match="frame size"):
        encode_gif([noise((20, 30), 0), noise((20, 31), 0)], 0.1)


def test_no_frames_are_refused() -> None:
    with pytest.raises(SettingsError, match="one or more"):
        encode_gif([], 0.1)


@pytest.mark.parametrize("change", [{"frame_seconds": 0.0}, {"loop": -1}, {"crossfade": -1}])
def test_numbers_out_of_range_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(change))):
        encode_gif(frames(2), **{"frame_seconds": 0.1, **change})  # type: ignore[arg-type]
