"""Figures beside their targets, or rows of timings, for people and for programs."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.live import Live
from rich.table import Table

from worker.bench.figure import Figure
from worker.bench.timing import Timing


def figures_shown_on(console: Console, figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Measure figures one after another, in a table that grows where there is a terminal; returns them all."""
    table = Table("figure", "what", "measured", "target", "")
    table.columns[2].justify = "right"
    measured: list[Figure] = []
    with Live(table, console=console):
        for figure in figures:
            measured.append(figure)
            table.add_row(*_cells(figure), style="" if figure.holds else "bold red")
    return tuple(measured)


def timings_shown_on(console: Console, timings: Iterable[Timing]) -> None:
    """Time steps one after another, in a table that grows where there is a terminal."""
    table = Table("network", "layer", "precision", "px", "first step, s", "step, s", "megapixel-steps/s")
    for column in table.columns[3:]:
        column.justify = "right"
    with Live(table, console=console):
        for timing in timings:
            seconds = (f"{value:.3g}" for value in (timing.first_seconds, timing.step_seconds, timing.rate))
            table.add_row(timing.network, timing.layer, timing.precision, str(timing.side), *seconds)


def timings_as_json(timings: Iterable[Timing]) -> str:
    """An array of timings, each with its rate."""
    return json.dumps([{**asdict(timing), "megapixel_steps_a_second": timing.rate} for timing in timings], indent=2)


def as_json(figures: Iterable[Figure]) -> str:
    """An array of figures, each with its target and whether it is met."""
    entries = [
        {
            "id": figure.id,
            "what": figure.what,
            "figure": figure.figure,
            "target": {"bound": figure.target.bound, "limit": figure.target.limit},
            "met": figure.holds,
        }
        for figure in figures
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False)


def _cells(figure: Figure) -> tuple[str, ...]:
    answer = "met" if figure.holds else "missed"
    return figure.id, figure.what, f"{figure.figure:.4g}", str(figure.target), answer
