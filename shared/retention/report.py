"""Tells what went, or would go, in counts and bytes by class."""

from collections.abc import Iterable

from pydantic import Field

from shared.retention.decision import Decisions, Departure
from shared.retention.facts import Kind
from shared.retention.reasons import Why
from shared.spec.record import Record


class Line(Record):
    """One class of things that go for one reason."""

    kind: Kind
    why: Why
    count: int = Field(description="files, or records")
    bytes: int


class Report(Record):
    """What a sweep has removed, or would remove."""

    lines: tuple[Line, ...] = ()
    excess_bytes: int = Field(default=0, description="kept beyond retention.max_bytes, although nothing more may go")


def report_of(decisions: Decisions) -> Report:
    """The report of everything that goes."""
    return Report(lines=lines_of(decisions.departures), excess_bytes=decisions.excess_bytes)


def lines_of(departures: Iterable[Departure]) -> tuple[Line, ...]:
    """One line for each class and reason, in the order of the classes."""
    counted: dict[tuple[Kind, Why], tuple[int, int]] = {}
    for departure in departures:
        count, size = counted.get((departure.kind, departure.why), (0, 0))
        more = len(departure.files) or 1
        size += sum(file.bytes for file in departure.files)
        counted[departure.kind, departure.why] = (count + more, size)
    order = list(Kind)
    lines = (Line(kind=kind, why=why, count=count, bytes=size) for (kind, why), (count, size) in counted.items())
    return tuple(sorted(lines, key=lambda line: (order.index(line.kind), line.why)))
