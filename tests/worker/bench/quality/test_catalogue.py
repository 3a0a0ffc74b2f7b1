"""The pictures of the trained networks meet their targets, and the targets are those of the table."""

from collections.abc import Callable

import pytest

from worker.bench.figure import Figure, Target
from worker.bench.quality.catalogue import QUALITY_FIGURES
from worker.bench.quality.studio import Studio

# By what measures it, in order. What departs from the table of the design says so; docs/quality.md tells why.
TARGETS = {
    "gain_at_one_level": ("D1", Target("at least", 2.0)),
    "gain_over_octaves": ("D1", Target("at least", 4.0)),
    "least_gain_along_a_chain": ("D1", Target("more than", 1.0)),
    "gain_of_chosen_channels": ("D2", Target("more than", 1.5)),
    "drift_on_flat_grey": ("D4", Target("at most", 8.0)),
    "gradient_error_at_seams": ("T1", Target("at most", 0.01)),
    "rows_of_flat_grey": ("T2", Target("at most", 1.1)),
    "likeness_of_tile_sizes": ("T3", Target("at least", 0.98)),
    "style_alone": ("S1", Target("at most", 0.05)),
    # A departure: the table has 0.05, which the same picture cannot have beside its content.
    "style_in_balance": ("S1", Target("at most", 0.15)),
    "content_from_noise": ("S2", Target("at most", 1.0)),
    "content_from_content": ("S2", Target("at most", 0.5)),
    # A departure: the table has 0.5, which is met with the weights of the demo.
    "content_in_balance": ("S2", Target("at most", 1.0)),
    "best_returned": ("S3", Target("at most", 1.001)),
    "nearest_style": ("S4", Target("at least", 100.0)),
    "original_colors": ("S5", Target("at most", 2.0)),
    "differing_bytes": ("R1", Target("at most", 0.0)),
    "likeness_of_dreams": ("R2", Target("at least", 0.99)),
    # A departure: the table has 0.99, which chaos denies to every program whose octaves start from each other.
    "likeness_over_octaves": ("R2", Target("more than", 0.7)),
    "difference_of_styles": ("R2", Target("at most", 10.0)),
    "growth_over_jobs": ("P2", Target("less than", 5.0)),
    "growth_over_tiles": ("P3", Target("at most", 1.2)),
}
# Departures in bfloat16, whose last digit is coarse.
MIXED_TARGETS = {**TARGETS, "likeness_of_dreams": ("R2", Target("at least", 0.9))}
# Too long for CI, where time is short; `make quality` runs all.
THOROUGH = {
    "least_gain_along_a_chain",
    "style_alone",
    "content_from_noise",
    "content_from_content",
    "nearest_style",
    "differing_bytes",
    "likeness_of_dreams",
    "likeness_over_octaves",
    "difference_of_styles",
    "growth_over_jobs",
    "growth_over_tiles",
}

MEASURES = [
    pytest.param(measure, id=measure.__name__, marks=[pytest.mark.thorough] if measure.__name__ in THOROUGH else [])
    for measure in QUALITY_FIGURES
]


def test_every_figure_has_its_target() -> None:
    assert [measure.__name__ for measure in QUALITY_FIGURES] == list(TARGETS)


@pytest.mark.slow
@pytest.mark.parametrize("measure", MEASURES)
def test_a_figure_meets_the_target_of_the_table(studio: Studio, measure: Callable[[Studio], Figure]) -> None:
    # when
    figure = measure(studio)

    # then
    assert (figure.id, figure.target) == TARGETS[measure.__name__]
    assert figure.holds, figure


@pytest.mark.thorough
@pytest.mark.parametrize("measure", QUALITY_FIGURES, ids=lambda measure: measure.__name__)
def test_a_figure_meets_its_target_in_mixed_precision(
    mixed_studio: Studio, measure: Callable[[Studio], Figure]
) -> None:
    # when
    figure = measure(mixed_studio)

    # then
    assert (figure.id, figure.target) == MIXED_TARGETS[measure.__name__]
    assert figure.holds, figure
