"""Where commands write: results to standard output, everything else to standard error."""

from rich.console import Console
from rich.text import Text


def out() -> Console:
    """For what was asked for."""
    return Console(highlight=False, markup=False, emoji=False)


def err() -> Console:
    """For progress, notes and errors."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def say_error(message: str) -> None:
    """One red line."""
    err().print(Text(f"error: {' '.join(message.split())}", "red"), soft_wrap=True)
