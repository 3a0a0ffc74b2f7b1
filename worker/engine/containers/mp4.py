"""MP4: H.264 as every player knows it, encoded by the program ffmpeg that the extra `video` brings."""

import subprocess
import tempfile
import weakref
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO

import numpy as np

from worker.engine.containers.container import Film
from worker.engine.errors import EncoderMissingError
from worker.engine.palette import Pixels

# The constant rate factor: 18 can hardly be told from the source, 23 is x264's own.
RATE_FACTOR = 20
# Times are whole milliseconds.
CLOCK = 1000
# Told outright, or players guess the colours by the size.
COLORS = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709"
# One thread, and nothing about the program or the time: same pictures, same bytes.
SAME_BYTES = ("-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact")
TOLD_CHARACTERS = 500


def ffmpeg() -> str:
    """The program's path.

    Raises:
        EncoderMissingError: the extra is not installed, or has no program for this machine.
    """
    try:
        # Late, because it is an extra that whoever wants no videos does without.
        return import_module("imageio_ffmpeg").get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        raise EncoderMissingError("mp4", "video", str(error)) from error


class Mp4:
    """One run of ffmpeg, from the first picture to the last; it cannot be put away in between.

    Raises:
        ChildProcessError: ffmpeg gave up; the disk may be full, or it was killed, so another attempt may succeed.
    """

    def __init__(self, film: Film) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dreamqueue-")
        self._path = Path(self._folder.name) / "animation.mp4"
        self._told = Path(self._folder.name) / "told.txt"
        with self._told.open("wb") as told:
            command = [ffmpeg(), *_arguments(film), str(self._path)]
            # A signal to the worker's group is for the worker alone, which then puts its stage away.
            self._process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.PIPE, stdout=told, stderr=told, start_new_session=True
            )
        # Whoever drops an unfinished film wants no program and no file left behind.
        self._end = weakref.finalize(self, _ended, self._process, self._folder)
        self._last = b""
        self.pictures = 0

    def add(self, picture: Pixels) -> None:
        """Hand the next picture over."""
        self._last = _evened(picture).tobytes()
        self._hand_over()
        self.pictures += 1

    def finish(self) -> bytes:
        """The file, once ffmpeg has written it."""
        # A picture lasts until the next: the last one is told once more at its end.
        self._hand_over()
        with suppress(BrokenPipeError):
            _input_of(self._process).close()
        if self._process.wait() != 0:
            raise self._failure()
        encoded = self._path.read_bytes()
        self._end()
        return encoded

    def pack(self) -> bytes:
        """Nothing: what ffmpeg has in hand cannot be taken from it."""
        return b""

    def unpack(self, *_put_away: object) -> None:
        """Refuse: nothing was ever put away."""
        raise ValueError("an mp4 begins anew: it cannot be taken up in the middle")

    def _hand_over(self) -> None:
        try:
            _input_of(self._process).write(self._last)
        except BrokenPipeError as error:
            self._process.wait()
            raise self._failure() from error

    def _failure(self) -> ChildProcessError:
        told = self._told.read_text(errors="replace").strip()[-TOLD_CHARACTERS:]
        return ChildProcessError(f"ffmpeg ended with code {self._process.returncode}: {told or 'it said nothing'}")


def _arguments(film: Film) -> list[str]:
    """Everything but the program and the file."""
    height, width = (side + side % 2 for side in film.size)
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(CLOCK), "-i", "-"]
    filters = f"setpts={_times(film)},{COLORS}"
    video = ["-vf", filters, "-fps_mode", "passthrough", "-c:v", "libx264", "-crf", str(RATE_FACTOR)]
    # The index goes to the front, so that a browser plays before it has all.
    file = ["-map_metadata", "-1", "-metadata", f"comment={film.comment}", "-movflags", "+faststart"]
    return ["-v", "error", "-y", *source, *video, *SAME_BYTES, *file]


def _times(film: Film) -> str:
    """When picture N begins, as an expression of ffmpeg's: a frame is held, blended pictures follow."""
    line = film.timeline
    held, blended, turn = line.held_ms, line.blended_ms, line.crossfade + 1
    blend = f"mod(N\\,{turn})"
    since_frame = f"gt({blend}\\,0)*({held}+({blend}-1)*{blended})"
    return f"(floor(N/{turn})*{held + line.crossfade * blended}+{since_frame})/(TB*{CLOCK})"


def _evened(picture: Pixels) -> Pixels:
    """H.264 halves the colours' sides: an odd one is made even by its last pixels, told twice."""
    height, width = picture.shape[:2]
    return np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def _input_of(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdin is None:
        raise RuntimeError("ffmpeg was started without an input")
    return process.stdin


def _ended(process: "subprocess.Popen[bytes]", folder: "tempfile.TemporaryDirectory[str]") -> None:
    """Stop the program, if it still runs, and remove its folder."""
    process.kill()
    with suppress(BrokenPipeError):
        _input_of(process).close()
    process.wait()
    folder.cleanup()
