"""A TCP forwarder that may change what a server answers on its way to the client."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CHUNK_BYTES = 65536


@contextmanager
def forwarding(port: int, change: Callable[[bytes], bytes]) -> Iterator[int]:
    """The port of a forwarder to a port of the loopback.

    Args:
        port: where the server listens.
        change: what becomes of each piece of an answer; its length must stay.
    """

    class Forwarder(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            """Pump both ways until one side closes."""
            with socket.create_connection(("127.0.0.1", port)) as server:
                back = threading.Thread(target=pump, args=(server, self.request, change), daemon=True)
                back.start()
                pump(self.request, server, bytes)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forwarder) as forwarder:
        forwarder.daemon_threads = True
        threading.Thread(target=forwarder.serve_forever, daemon=True).start()
        yield forwarder.server_address[1]
        forwarder.shutdown()


def pump(source: socket.socket, sink: socket.socket, change: Callable[[bytes], bytes]) -> None:
    """Carry bytes until the source closes, then close the sink too."""
    while piece := source.recv(CHUNK_BYTES):
        sink.sendall(change(piece))
    sink.shutdown(socket.SHUT_WR)
