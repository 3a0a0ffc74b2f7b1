"""A palette holds what a picture has, and errs little where it cannot."""

import numpy as np
import PIL.Image
import pytest
from PIL.Image import Dither, Quantize

from worker.engine.image import noise, to_bytes
from worker.engine.palette import Histogram, Pixels, drawn, palette_of


def soft(seed: int = 0) -> Pixels:
    """Clouds of colour, as dreams have them."""
    grain = PIL.Image.fromarray(to_bytes(noise((12, 16), seed)))
    return np.asarray(grain.resize((160, 120), PIL.Image.Resampling.BICUBIC))


def error(picture: Pixels, shown: Pixels) -> float:
    return float(((shown.astype(np.float32) - picture) ** 2).mean())


def test_few_colours_stay_as_they_are() -> None:
    # given
    colors = np.array([[0, 0, 0], [255, 255, 255], [200, 40, 10], [10, 90, 220]], np.uint8)
    picture = colors[np.arange(48).reshape(6, 8) % 4]

    # when
    palette = palette_of(Histogram.of(picture), 255)

    # then
    assert len(palette) == 4
    assert (palette[drawn(picture, palette, dither=False)] == picture).all()


@pytest.mark.parametrize("colors", [1, 2, 16, 255])
def test_there_are_never_more_colours_than_asked_for(colors: int) -> None:
    # given
    picture = to_bytes(noise((40, 50), 1))

    # when
    palette = palette_of(Histogram.of(picture), colors)

    # then
    assert palette.shape == (colors, 3)
    assert drawn(picture, palette, dither=False).max() < colors


def test_it_errs_less_than_a_median_cut() -> None:
    # given
    picture = soft()
    palette = palette_of(Histogram.of(picture), 255)

    # when
    ours = palette[drawn(picture, palette, dither=False)]
    median = PIL.Image.fromarray(picture).quantize(255, Quantize.MEDIANCUT, dither=Dither.NONE).convert("RGB")

    # then
    assert error(picture, ours) < error(picture, np.asarray(median))


def test_dithered_colours_come_out_right_from_a_distance() -> None:
    # given
    ramp = np.linspace(60, 190, 160).astype(np.uint8)
    picture = np.broadcast_to(np.stack([ramp, ramp[::-1], ramp // 2 + 60], 1), (120, 160, 3))
    palette = palette_of(Histogram.of(picture), 8)

    # when
    plain, dithered = (palette[drawn(picture, palette, dither=dither)] for dither in (False, True))

    # then
    def from_afar(image: Pixels) -> Pixels:
        return np.asarray(PIL.Image.fromarray(np.ascontiguousarray(image)).reduce(8))[2:-2, 4:-4]

    assert error(from_afar(picture), from_afar(dithered)) < error(from_afar(picture), from_afar(plain)) / 4


def test_histograms_add_up() -> None:
    # given
    first, second = soft(1), soft(2)

    # when
    together = Histogram.empty() + Histogram.of(first) + Histogram.of(second)

    # then
    whole = Histogram.of(np.concatenate([first, second]))
    assert (together.counts == whole.counts).all()
    assert (together.levels == whole.levels).all()
