"""Fixtures for tests that download: a web server, an address where nobody listens, settings with nothing set."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shared.settings import WeightsSettings
from tests.worker.weights.file_server import FileServer


@pytest.fixture
def file_server() -> Iterator[FileServer]:
    """A running server with no files yet."""
    served = FileServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing; the argument's name is http.server's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def closed_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def empty_settings(tmp_path: Path) -> WeightsSettings:
    """Settings with an empty cache, no directory and no mirror, whatever the environment says."""
    return WeightsSettings(dir=None, cache_dir=tmp_path / "cache", mirror=None)
