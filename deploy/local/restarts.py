"""Decides whether, and how soon, a process that ended is started again."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class RestartPolicy:
    """How patient the supervisor is with a process that keeps ending."""

    first_delay_seconds: float = 1.0
    longest_delay_seconds: float = 30.0
    quick_seconds: float = 10.0
    """A process that was ready for less than this before it ended counts as a quick death."""
    quick_deaths_allowed: int = 4
    """One more quick death in a row, and the supervisor gives up."""


@dataclass(frozen=True)
class History:
    """The deaths of one process since it last stayed up."""

    quick_deaths: int = 0


def after_death(history: History, ready_seconds: float, policy: RestartPolicy) -> History:
    """The history after one more death, of a process that had been ready for so long."""
    if ready_seconds >= policy.quick_seconds:
        return History()
    return replace(history, quick_deaths=history.quick_deaths + 1)


def restart_delay_seconds(history: History, policy: RestartPolicy) -> float | None:
    """How long to wait before the next start; None to give up."""
    if history.quick_deaths > policy.quick_deaths_allowed:
        return None
    doubled = policy.first_delay_seconds * 2.0 ** max(history.quick_deaths - 1, 0)
    return min(doubled, policy.longest_delay_seconds)
