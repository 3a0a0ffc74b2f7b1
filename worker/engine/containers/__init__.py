"""The files that animations are kept in, one module a format."""

from worker.engine.containers.catalogue import CONTAINER_NAMES, check_container, open_container
from worker.engine.containers.container import FOREVER, Container, Film
from worker.engine.containers.readback import read_back

__all__ = ["CONTAINER_NAMES", "FOREVER", "Container", "Film", "check_container", "open_container", "read_back"]
