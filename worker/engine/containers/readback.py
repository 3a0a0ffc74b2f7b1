"""Reads a finished file with a reader that is not ours: what is written here must open elsewhere."""

from typing import Any

import imageio.v3 as iio

from worker.engine.errors import UnreadableError

EXTENSIONS = {"gif": ".gif", "webp": ".webp", "apng": ".png"}
"""The containers whose bytes we put together ourselves; of an MP4 ffmpeg says how it ended."""


def read_back(encoded: bytes, container: str, size: tuple[int, int], pictures: int) -> bytes:
    """The file itself, once imageio has found in it all that was put in.

    Args:
        encoded: the file.
        container: its name.
        size: of every picture, `(height, width)`.
        pictures: how many were put in.

    Raises:
        UnreadableError: it cannot be opened, or lacks something.
    """
    if container not in EXTENSIONS:
        return encoded
    try:
        # `...` is imageio's word for all pictures at once, which its types do not know.
        every: Any = ...
        found = iio.improps(encoded, index=every, plugin="pillow", extension=EXTENSIONS[container])
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableError(container, str(error)) from error
    if found.shape[1:3] != size or found.n_images != pictures:
        told = f"{found.n_images} pictures of {found.shape[1:3]}, not {pictures} of {size}"
        raise UnreadableError(container, told)
    return encoded
