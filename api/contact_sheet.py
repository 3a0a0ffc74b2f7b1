"""Lays the frames of a job on one sheet: a column a layer, dreams above, their paintings below."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

BACKGROUND = (24, 24, 27)
TEXT = (228, 228, 231)
THUMBNAIL_WIDTH = 240
GAP = 12
LABEL_HEIGHT = 28


def contact_sheet(rows: Sequence[Sequence[Path]], labels: Sequence[str]) -> Image.Image:
    """One picture of many.

    Args:
        rows: files of equal proportions, one list a row.
        labels: of the columns.
    """
    pictures = [[_thumbnail(path) for path in row] for row in rows if row]
    height = max(picture.height for row in pictures for picture in row)
    columns = max(len(row) for row in pictures)
    sheet = Image.new("RGB", _sheet_size(columns, len(pictures), height), BACKGROUND)
    for row_number, row in enumerate(pictures):
        for column, picture in enumerate(row):
            sheet.paste(picture, (_left(column), GAP + row_number * (height + GAP)))
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=15)
    middle = sheet.height - LABEL_HEIGHT / 2 - GAP / 2
    for column, label in enumerate(labels[:columns]):
        draw.text((_left(column) + THUMBNAIL_WIDTH / 2, middle), label, TEXT, font, anchor="mm")
    return sheet


def frames_by_row(files: Mapping[str, Path]) -> tuple[list[list[Path]], list[str]]:
    """The rows and column labels for a job's files, by their public names such as `frames/03-mixed4c.png`."""
    names = sorted(name for name in files if name.endswith(".png"))
    dreams = [name for name in names if name.startswith("frames/")]
    styled = [name for name in names if name.startswith("styled/")]
    labels = [Path(name).stem.partition("-")[2] for name in dreams or styled]
    return [[files[name] for name in row] for row in (dreams, styled) if row], labels


def _thumbnail(path: Path) -> Image.Image:
    with Image.open(path) as image:
        height = max(1, round(image.height * THUMBNAIL_WIDTH / image.width))
        return image.convert("RGB").resize((THUMBNAIL_WIDTH, height), Image.Resampling.LANCZOS)


def _sheet_size(columns: int, rows: int, height: int) -> tuple[int, int]:
    return _left(columns), GAP + rows * (height + GAP) + LABEL_HEIGHT


def _left(column: int) -> int:
    return GAP + column * (THUMBNAIL_WIDTH + GAP)
