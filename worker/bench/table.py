"""Figures beside their targets, for people and for programs."""

import json
from collections.abc import Iterable

from rich.console import Console
from rich.live import Live
from rich.table import Table

from worker.bench.figure import Figure


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
