"""What the supervisor needs to know of a process before it starts it."""

import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# Given the last lines that the process wrote, says whether it can be worked with by now.
Readiness = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class ProcessSpec:
    """One process: how to start it, how to see that it works, how to stop it."""

    name: str
    command: tuple[str, ...]
    ready: Readiness
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Added to the supervisor's own environment; secrets travel here, never in `command`."""
    directory: Path | None = None
    needs: tuple[str, ...] = ()
    """Names of processes that must be ready before this one is started."""
    stop_order: int = 1
    """Lower numbers are stopped first; equal ones together."""
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 5.0
    """From the stop signal to SIGKILL for the whole group."""
    ready_seconds: float = 120.0
    """A process that is not ready after this long is killed and started again."""


def stop_waves(specs: Iterable[ProcessSpec]) -> tuple[tuple[ProcessSpec, ...], ...]:
    """The processes in the order of stopping; those within one wave are stopped together."""
    ordered = tuple(specs)
    numbers = sorted({spec.stop_order for spec in ordered})
    return tuple(tuple(spec for spec in ordered if spec.stop_order == number) for number in numbers)
