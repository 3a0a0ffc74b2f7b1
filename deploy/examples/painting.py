"""Paints the demo's style picture: bold colour fields, dry-brush strokes and black contours, drawn from a seed."""

import colorsys
import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Color = tuple[int, int, int]

PALETTE: tuple[Color, ...] = (
    (214, 40, 40),
    (247, 183, 51),
    (252, 220, 77),
    (20, 92, 158),
    (38, 166, 154),
    (240, 236, 222),
    (233, 114, 38),
    (112, 42, 122),
)
INK: Color = (22, 20, 24)
SCALE = 2
"""Painted this much larger and then made smaller, so that bristles stay fine and edges smooth."""


@dataclass(frozen=True)
class Brush:
    """A flat brush: its width in pixels, its colour and how many bristles it has."""

    width: float
    color: Color
    bristles: int


def paint(size: tuple[int, int] = (512, 512), seed: int = 1948) -> Image.Image:
    """An original painting; the same seed paints the same picture.

    Args:
        size: (height, width) in pixels.
        seed: of every stroke.
    """
    hand = random.Random(seed)
    height, width = size[0] * SCALE, size[1] * SCALE
    canvas = Image.new("RGB", (width, height), PALETTE[5])
    draw = ImageDraw.Draw(canvas)
    for _ in range(70):
        _stroke(draw, hand, _curve(hand, width, height, 0.5), _brush(hand, width * hand.uniform(0.05, 0.11)))
    for _ in range(13):
        _figure(draw, hand, (hand.uniform(0, width), hand.uniform(0, height)), width * hand.uniform(0.06, 0.15))
    for _ in range(26):
        _stroke(draw, hand, _curve(hand, width, height, 0.22), _brush(hand, width * hand.uniform(0.012, 0.03)))
    for _ in range(14):
        _contour(draw, hand, list(_curve(hand, width, height, 0.45)), width * 0.009)
    softened = canvas.filter(ImageFilter.GaussianBlur(SCALE * 0.4))
    return softened.resize((size[1], size[0]), Image.Resampling.LANCZOS)


def _brush(hand: random.Random, width: float) -> Brush:
    return Brush(width, hand.choice(PALETTE), max(6, round(width / 2.5)))


def _curve(hand: random.Random, width: float, height: float, reach: float) -> Iterator[Point]:
    """Points along a swinging line that starts anywhere; `reach` is its length over the picture's width."""
    x, y = hand.uniform(-0.1, 1.1) * width, hand.uniform(-0.1, 1.1) * height
    angle = hand.uniform(0, 2 * math.pi)
    turn = hand.uniform(-0.09, 0.09)
    pace = width / 90
    for _ in range(round(90 * reach)):
        yield x, y
        angle += turn + hand.gauss(0, 0.05)
        x, y = x + pace * math.cos(angle), y + pace * math.sin(angle)


def _stroke(draw: ImageDraw.ImageDraw, hand: random.Random, path: Iterator[Point], brush: Brush) -> None:
    """One pull of a dry brush: bristles of slightly different colours that run out at different places."""
    points = list(path)
    for bristle in range(brush.bristles):
        offset = (bristle / (brush.bristles - 1) - 0.5) * brush.width
        length = max(2, round(len(points) * hand.uniform(0.75, 1.0)))
        shifted = [_beside(points, i, offset) for i in range(length)]
        thickness = max(1, round(brush.width / brush.bristles * hand.uniform(0.8, 1.9)))
        draw.line(shifted, fill=_shade(hand, brush.color), width=thickness, joint="curve")


def _beside(points: list[Point], index: int, offset: float) -> Point:
    """The point at a distance to the left of the path."""
    x0, y0 = points[max(0, index - 1)]
    x1, y1 = points[min(len(points) - 1, index + 1)]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    x, y = points[index]
    return x - offset * (y1 - y0) / length, y + offset * (x1 - x0) / length


def _figure(draw: ImageDraw.ImageDraw, hand: random.Random, center: Point, radius: float) -> None:
    """A face-like blob: a filled, wobbling outline in ink, with rings inside."""
    color = hand.choice(PALETTE)
    outline = _blob(hand, center, radius)
    draw.polygon(outline, fill=color)
    for _ in range(round(radius / 3)):
        x, y = hand.choice(outline)
        inward = hand.uniform(0.2, 0.95)
        start = (x + (center[0] - x) * inward, y + (center[1] - y) * inward)
        tip = (start[0] + hand.gauss(0, radius / 4), start[1] + hand.gauss(0, radius / 4))
        draw.line([start, tip], fill=_shade(hand, color), width=max(2, round(radius / 14)))
    _contour(draw, hand, [*outline, outline[0], outline[1]], radius * 0.11)
    eye = (center[0] + hand.gauss(0, radius / 4), center[1] + hand.gauss(0, radius / 4))
    for share, fill in ((0.42, INK), (0.31, hand.choice(PALETTE)), (0.13, INK)):
        draw.polygon(_blob(hand, eye, radius * share), fill=fill)


def _blob(hand: random.Random, center: Point, radius: float) -> list[Point]:
    """A closed outline around a centre, rounder than a stone and less round than a coin."""
    phases = [(hand.uniform(0, 2 * math.pi), hand.uniform(0, 0.16)) for _ in range(3)]
    outline: list[Point] = []
    for i in range(60):
        angle = 2 * math.pi * i / 60
        swing = 1 + sum(depth * math.sin((k + 2) * angle + phase) for k, (phase, depth) in enumerate(phases))
        outline.append((center[0] + radius * swing * math.cos(angle), center[1] + radius * swing * math.sin(angle)))
    return outline


def _contour(draw: ImageDraw.ImageDraw, hand: random.Random, path: list[Point], width: float) -> None:
    """A line of ink whose pressure swells and fades."""
    pressure = 1.0
    for (x0, y0), (x1, y1) in itertools.pairwise(path):
        pressure = min(1.5, max(0.5, pressure + hand.gauss(0, 0.12)))
        thickness = max(2.0, width * pressure)
        draw.line([(x0, y0), (x1, y1)], fill=INK, width=round(thickness))
        draw.ellipse([x1 - thickness / 2, y1 - thickness / 2, x1 + thickness / 2, y1 + thickness / 2], fill=INK)


def _shade(hand: random.Random, color: Color) -> Color:
    """The colour as it comes out of one bristle: a little lighter or darker."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(level / 255 for level in color))
    mixed = colorsys.hsv_to_rgb(
        (hue + hand.gauss(0, 0.012)) % 1,
        min(1, saturation * hand.uniform(0.8, 1.1)),
        min(1, value * hand.uniform(0.72, 1.12)),
    )
    red, green, blue = (round(255 * level) for level in mixed)
    return red, green, blue


def save_painting(path: Path) -> Path:
    """Paint the demo's picture into a file."""
    paint().save(path)
    return path
