"""Animations: frames in, one by one, the bytes of a moving picture out.

A few frames are held at a time, however many there are, and the file as far as it is encoded.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import numpy as np

from worker.engine.containers import FOREVER, Container, Film, check_container, open_container, read_back
from worker.engine.containers.gif import COLORS
from worker.engine.errors import SettingsError
from worker.engine.image import Image, to_bytes
from worker.engine.palette import Histogram, Pixels, palette_of
from worker.engine.timeline import Timeline

PaletteChoice = Literal["frame", "global"]
# A blended picture is made of two.
HELD_FRAMES = 2


@dataclass(frozen=True)
class AnimationSettings:
    """How frames are joined.

    Attributes:
        container: `gif`, `webp`, `apng` or `mp4`.
        frame_seconds: from one frame to the next, blended pictures between them included; above 0.
        loop: how often to play; 0 is forever. An MP4 cannot say it.
        crossfade: blended pictures between neighbours, 0 or more.
        bounce: play back to the start before playing again.
        palette: a GIF's colours, each picture's own or the same for all.
        dither: scatter what a GIF's colours miss.
    """

    container: str = "gif"
    frame_seconds: float = 0.25
    loop: int = FOREVER
    crossfade: int = 0
    bounce: bool = False
    palette: PaletteChoice = "frame"
    dither: bool = False


class Animation:
    """An animation under way; the same frames give the same bytes, wherever it is put away and taken up.

    Args:
        settings: how the frames are joined.
        frames: how many there are, 1 or more.
        read: a frame by its number; all are of one size. Frames are asked for in order, a few of them again.
        comment: what the file tells of its own making.

    Raises:
        SettingsError: a number out of its range, or a container that is not known.
        EncoderMissingError: the container's encoder is not installed.
    """

    def __init__(
        self, settings: AnimationSettings, frames: int, read: Callable[[int], Image], comment: str = ""
    ) -> None:
        if settings.loop < 0:
            raise SettingsError("loop", settings.loop, "0 (forever) or more")
        check_container(settings.container)
        self._settings = settings
        self._timeline = Timeline(frames, settings.frame_seconds, settings.crossfade, settings.bounce)
        self._read = read
        self._comment = comment
        self._held: dict[int, Image] = {}
        self._size: tuple[int, ...] = ()
        self._histogram = Histogram.empty()
        self._surveyed = 0
        self._container: Container | None = None
        self._encoded: bytes | None = None

    @property
    def pictures(self) -> int:
        """How many the animation will show."""
        return len(self._timeline)

    @property
    def finished(self) -> bool:
        """Whether all pictures are encoded."""
        return self._encoded is not None

    @property
    def progress(self) -> float:
        """Share of the pictures surveyed and encoded, 0..1."""
        return (self._surveyed + self._taken_in) / (self._to_survey + self.pictures)

    @property
    def detail(self) -> str:
        """What is being done, such as `gif | picture 12/31`."""
        if self._surveyed < self._to_survey:
            return f"{self._settings.container} | colours of picture {self._surveyed}/{self._to_survey}"
        return f"{self._settings.container} | picture {self._taken_in}/{self.pictures}"

    def advance(self) -> None:
        """One picture further."""
        if self._surveyed < self._to_survey:
            self._histogram += Histogram.of(self._picture(self._surveyed))
            self._surveyed += 1
            return
        container = self._open()
        container.add(self._picture(container.pictures))
        if container.pictures == self.pictures:
            height, width = self._frame(0).shape[:2]
            self._encoded = read_back(container.finish(), self._settings.container, (height, width), self.pictures)

    def result(self) -> bytes:
        """The file."""
        if self._encoded is None:
            raise RuntimeError("the animation is not encoded yet; advance first")
        return self._encoded

    def pack(self) -> bytes:
        """Everything needed to go on from here, in another process; nothing where that cannot be."""
        container = self._container
        body = container.pack() if container else b""
        if container and not body:
            return b""
        buffer = BytesIO()
        np.savez(
            buffer,
            allow_pickle=False,
            surveyed=self._surveyed,
            counts=self._histogram.counts,
            levels=self._histogram.levels,
            pictures=self._taken_in,
            body=np.frombuffer(body, np.uint8),
        )
        return buffer.getvalue()

    def unpack(self, packed: bytes) -> None:
        """Go on where `pack` left off.

        Raises:
            ValueError: the bytes are no packed animation.
        """
        try:
            with np.load(BytesIO(packed), allow_pickle=False) as arrays:
                histogram = Histogram(arrays["counts"], arrays["levels"])
                surveyed, pictures, body = int(arrays["surveyed"]), int(arrays["pictures"]), arrays["body"].tobytes()
        except (EOFError, KeyError, zipfile.BadZipFile) as error:
            raise ValueError(f"no packed animation: {error}") from error
        self._histogram, self._surveyed = histogram, surveyed
        if pictures:
            self._open().unpack(body, pictures, self._picture(pictures - 1))

    @property
    def _taken_in(self) -> int:
        """How many pictures are encoded."""
        return self._container.pictures if self._container else 0

    @property
    def _to_survey(self) -> int:
        """How many pictures are looked at for their colours before any is encoded."""
        return self._timeline.forth if self._settings.palette == "global" else 0

    def _open(self) -> Container:
        """The container, opened once its size and its colours are known."""
        if self._container is None:
            height, width = self._frame(0).shape[:2]
            colors = palette_of(self._histogram, COLORS) if self._to_survey else None
            settings = self._settings
            film = Film((height, width), self._timeline, settings.loop, self._comment, colors, settings.dither)
            self._container = open_container(settings.container, film)
        return self._container

    def _picture(self, number: int) -> Pixels:
        moment = self._timeline.moment(number)
        first = self._frame(moment.first)
        if not moment.share:
            return to_bytes(first)
        second = self._frame(moment.second)
        return to_bytes(np.asarray((1 - moment.share) * first + moment.share * second, np.float32))

    def _frame(self, number: int) -> Image:
        """A frame, read anew unless it is one of the two looked at last."""
        frame = self._held.pop(number, None)
        if frame is None:
            frame = self._read(number)
            self._check_size(frame.shape[:2])
        self._held[number] = frame
        while len(self._held) > HELD_FRAMES:
            self._held.pop(next(iter(self._held)))
        return frame

    def _check_size(self, size: tuple[int, ...]) -> None:
        self._size = self._size or size
        if size != self._size:
            raise SettingsError("frame size", size, f"that of the first frame, {self._size}")
