"""A course that takes seconds: a tiny network and tiny pictures."""

from dataclasses import dataclass

import pytest

from tests.worker.tiny import tiny_network
from worker.bench.speed.course import Course, Lengths
from worker.engine.networks import Network

LENGTHS = Lengths(
    content=(36, 48),
    painting=(32, 40),
    arrival_scale=1.0,
    arrival_steps=8,
    dreamed=("shapes",),
    dream=(40, 48),
    octaves=2,
    steps=1,
    rounds=1,
)


@dataclass(frozen=True)
class TinyShelf:
    """Has one network for everything."""

    network: Network

    def take(self, name: str, *, mixed: bool) -> Network:  # noqa: ARG002
        """The tiny one."""
        return self.network


@pytest.fixture(scope="session")
def course() -> Course:
    """A course of a few steps."""
    return Course(TinyShelf(tiny_network()), "float32", lengths=LENGTHS, content_layer="edges")
