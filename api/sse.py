"""Reads server-sent events from the bytes of a stream (HTML standard, 9.2)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class ServerSent:
    """One event of a stream."""

    id: str
    type: str
    data: str


def server_sent(chunks: Iterable[bytes]) -> Iterator[ServerSent]:
    """The events that the bytes of a stream carry; comments are skipped, an unfinished last event is dropped."""
    fields: dict[str, str] = {}
    for line in _lines(chunks):
        if line == "":
            if "data" in fields:
                yield ServerSent(fields.get("id", ""), fields.get("event", "message"), fields["data"])
            fields = {}
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        fields[name] = f"{fields[name]}\n{value}" if name == "data" and "data" in fields else value


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines that end as the standard has it; str.splitlines would also break at characters inside of JSON."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.removesuffix(b"\r").decode() for line in whole)
