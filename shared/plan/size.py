"""Sizes of pictures: (height, width) in pixels."""

Size = tuple[int, int]


def area(size: Size) -> int:
    """How many pixels a picture has."""
    return size[0] * size[1]


def megapixels(size: Size) -> float:
    """The area of a picture in millions of pixels."""
    return area(size) / 1e6


def fitted(size: Size, max_size: int | None) -> Size:
    """The size of a picture once its longest side is at most `max_size`; never larger than it was."""
    height, width = size
    if max_size is None or max(size) <= max_size:
        return size
    scale = max_size / max(size)
    return max(1, round(height * scale)), max(1, round(width * scale))
