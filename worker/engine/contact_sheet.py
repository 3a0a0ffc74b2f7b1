"""Contact sheets: labelled pictures in rows on one image."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import PIL.Image
from PIL import ImageDraw, ImageFont

from worker.engine.errors import SettingsError
from worker.engine.image import Image, to_pillow

Labelled: TypeAlias = tuple[str, Image]

GAP = 12
LABEL_HEIGHT = 22
FONT_SIZE = 14
PAPER, INK = (18, 18, 20), (225, 225, 228)


def contact_sheet(rows: Sequence[Sequence[Labelled]]) -> Image:
    """Lay out rows of `(label, image)`, every cell as large as the largest image, labels below.

    Raises:
        SettingsError: there is nothing to lay out.
    """
    cells = [cell for row in rows for cell in row]
    if not cells:
        raise SettingsError("rows", 0, "one labelled image or more")
    height = max(image.shape[0] for _, image in cells) + LABEL_HEIGHT + GAP
    width = max(image.shape[1] for _, image in cells) + GAP
    columns = max(len(row) for row in rows)
    sheet = PIL.Image.new("RGB", (columns * width + GAP, len(rows) * height + GAP), PAPER)
    for top, row in enumerate(rows):
        for left, (label, image) in enumerate(row):
            _paste(sheet, label, image, (left * width + GAP, top * height + GAP))
    return np.asarray(sheet, np.float32)


def _paste(sheet: PIL.Image.Image, label: str, image: Image, corner: tuple[int, int]) -> None:
    left, top = corner
    sheet.paste(to_pillow(image), (left, top))
    font = ImageFont.load_default(FONT_SIZE)
    ImageDraw.Draw(sheet).text((left + 2, top + image.shape[0] + 3), label, INK, font)
