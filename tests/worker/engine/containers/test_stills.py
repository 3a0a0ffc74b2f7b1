"""What each container of stills keeps of its pictures."""

import numpy as np
import pytest

from tests.worker.engine.moving import animated, clouds, opened, psnr, shown
from worker.engine.image import Image, solid, to_bytes
from worker.engine.palette import Pixels


def moving_square() -> list[Image]:
    """A square that wanders over a picture which stays."""
    (ground,) = clouds(1)
    frames: list[Image] = []
    for left in range(3, 33, 3):
        frame = ground.copy()
        frame[10:20, left : left + 9] = (250, 20, 20)
        frames.append(frame)
    return frames


@pytest.mark.parametrize(("container", "decibels"), [("gif", 30), ("webp", 25), ("apng", 90)])
@pytest.mark.parametrize("palette", ["frame", "global"])
def test_what_moves_over_a_picture_that_stays_is_shown_right(container: str, decibels: int, palette: str) -> None:
    # given
    frames = moving_square()
    choice = {"palette": palette} if container == "gif" else {}

    # when
    pictures = shown(animated(frames, container=container, **choice))

    # then
    assert min(psnr(*pair) for pair in zip(pictures, frames, strict=True)) > decibels


@pytest.mark.parametrize("container", ["gif", "webp", "apng"])
def test_a_picture_that_stays_costs_next_to_nothing(container: str) -> None:
    # given
    (frame,) = clouds(1, (120, 160))
    one, many = (len(animated(count * [frame], container=container)) for count in (1, 11))

    # then
    assert (many - one) / 10 < 120


def test_an_apng_keeps_every_level() -> None:
    # given
    frames = clouds(3)

    # when
    pictures = shown(animated(frames, container="apng"))

    # then
    assert all((picture == to_bytes(frame)).all() for picture, frame in zip(pictures, frames, strict=True))


def test_pictures_of_a_gif_share_one_palette_or_have_their_own() -> None:
    # given
    frames = clouds(4, (120, 160))

    # when
    own, shared = (shown(animated(frames, palette=palette)) for palette in ("frame", "global"))

    # then
    def colors(pictures: list[Pixels]) -> int:
        return len(np.unique(np.concatenate(pictures).reshape(-1, 3), axis=0))

    assert colors(shared) <= 255 < colors(own)
    assert min(psnr(*pair) for pair in zip(shared, frames, strict=True)) > 28


def test_dithering_hides_the_edges_between_colours() -> None:
    # given
    frame = np.broadcast_to(np.linspace(40, 80, 160, dtype=np.float32)[None, :, None], (120, 160, 3))

    # when
    (plain,), (dithered,) = (shown(animated([frame], dither=dither)) for dither in (False, True))

    # then
    def error(picture: Pixels) -> float:
        return float(np.abs(picture.mean(axis=0) - frame[0]).mean())

    assert error(dithered) < error(plain) / 2


@pytest.mark.parametrize("colors", [1, 2, 3, 4, 5, 16, 17, 128, 200])
def test_a_gif_of_few_colours_has_exactly_those(colors: int) -> None:
    # given
    steps = to_bytes(np.linspace(0, 255, colors).astype(np.float32))
    levels = np.stack([steps, 255 - steps, steps // 2], 1).astype(np.float32)
    frames = [levels[(np.arange(40 * 60).reshape(40, 60) + turn) % colors] for turn in range(3)]

    # when
    pictures = shown(animated(frames))

    # then
    assert min(psnr(*pair) for pair in zip(pictures, frames, strict=True)) > (90 if colors < 20 else 38)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 5)])
@pytest.mark.parametrize("container", ["gif", "webp", "apng"])
def test_even_the_smallest_pictures_move(container: str, size: tuple[int, int]) -> None:
    # when
    pictures = shown(animated([solid((200, 40, 10), size), solid((10, 90, 220), size)], container=container))

    # then
    assert [picture.shape[:2] for picture in pictures] == [size, size]
    assert abs(pictures[1].astype(int) - (10, 90, 220)).max() <= 12


def test_a_file_tells_of_its_own_making() -> None:
    # given
    comment = '{"layer": "mixed4c"}' + 300 * " "

    # when
    gif, apng, webp = (opened(animated(clouds(2), comment, container=name)) for name in ("gif", "apng", "webp"))

    # then
    assert gif.info["comment"].decode() == comment
    assert apng.info["dreamqueue"] == comment
    assert webp.getexif()[270].strip() == comment.strip()
