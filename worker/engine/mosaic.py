"""Mosaics: tiles of a picture, so cut that every position of every layer lies in exactly one."""

import math

from worker.engine.image import Size
from worker.engine.tiles import Span, Tile


def mosaic(size: Size, side: int, halo: int, stride: int) -> tuple[Tile, ...]:
    """Tiles that together hold each position once; what they see beyond their borders makes it what it is in the whole.

    Args:
        size: of the picture.
        side: of a tile in pixels, its halo apart; rounded down to a multiple of the stride, one stride at least.
        halo: pixels seen around a tile, half the receptive field of the deepest layer or more; rounded up likewise.
        stride: of the deepest layer, a multiple of all others'.
    """
    side, halo = max(1, side // stride) * stride, math.ceil(halo / stride) * stride
    rows, columns = (_spans(length, side, halo) for length in size)
    return tuple(
        Tile(down, across, seen_down, seen_across) for down, seen_down in rows for across, seen_across in columns
    )


def positions(span: Span, stride: int) -> Span:
    """The positions of a layer that lie in a span of pixels which starts at a multiple of the layer's stride."""
    return Span(span.start // stride, math.ceil(span.stop / stride))


def _spans(length: int, side: int, halo: int) -> list[tuple[Span, Span]]:
    cores = [Span(start, min(start + side, length)) for start in range(0, length, side)]
    return [(core, Span(max(0, core.start - halo), min(length, core.stop + halo))) for core in cores]
