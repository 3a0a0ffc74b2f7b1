"""The containers that the engine can write, by name."""

from collections.abc import Callable

from worker.engine.containers.apng import Apng
from worker.engine.containers.container import Container, Film
from worker.engine.containers.gif import Gif
from worker.engine.containers.mp4 import Mp4, ffmpeg
from worker.engine.containers.stills import Stills
from worker.engine.containers.webp import Webp
from worker.engine.errors import SettingsError

OPENERS: dict[str, Callable[[Film], Container]] = {
    "gif": lambda film: Stills(Gif(film)),
    "webp": lambda film: Stills(Webp(film)),
    "apng": lambda film: Stills(Apng(film)),
    "mp4": Mp4,
}
CONTAINER_NAMES = tuple(OPENERS)


def check_container(name: str) -> None:
    """See that this machine can write a container, before any picture is made for it.

    Raises:
        SettingsError: no such container.
        EncoderMissingError: its encoder is an extra that is not installed.
    """
    if name not in OPENERS:
        raise SettingsError("container", name, " or ".join(CONTAINER_NAMES))
    if name == "mp4":
        ffmpeg()


def open_container(name: str, film: Film) -> Container:
    """An empty container; name and machine are checked first."""
    check_container(name)
    return OPENERS[name](film)
