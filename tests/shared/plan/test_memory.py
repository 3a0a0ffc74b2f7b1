"""The memory that stages are expected to take, and what becomes of a job that no worker has room for."""

import re
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import TooLargeError
from shared.networks import NETWORKS
from shared.plan.memory import Pictures, Precision, stage_gib
from shared.plan.parameters import DreamParameters, StyleParameters
from shared.plan.records import Plan
from shared.plan.surroundings import Surroundings
from tests.shared.plan.planning import SOURCE, STYLE, plan

BIG = (3000, 4000)
DREAM: dict[str, Any] = {"dream": {"network": "vgg16", "layers": ["conv4_2"]}}
PAINTING: dict[str, Any] = {"dream": None, "style": {"images": [{"image": STYLE}]}}
CLASSIC: dict[str, Any] = {"dream": None, "style": {"images": [{"image": STYLE}], "profile": "classic"}}
LBFGS: dict[str, Any] = {"dream": None, "style": {"images": [{"image": STYLE}], "optimizer": "lbfgs"}}


def made(memory_gib: float = float("inf"), size: tuple[int, int] = BIG, **changes: Any) -> Plan:
    """The plan for workers of so much memory, of frames as large as the picture unless the test says else."""
    around = Surroundings({SOURCE: size, STYLE: (400, 600)}, memory_gib=memory_gib)
    return plan(around=around, **{"max_size": None, **changes})


@given(
    network=st.sampled_from(sorted(NETWORKS)),
    shallow=st.integers(0, 11),
    sides=st.lists(st.integers(32, 5000), min_size=2, max_size=2),
)
def test_a_deeper_layer_and_a_larger_frame_take_no_less(network: str, shallow: int, sides: list[int]) -> None:
    def memory_gib(layer: int, side: int) -> float:
        dream = {"network": network, "layers": [layer], "tile_size": 4096}
        return made(size=(side, side), dream=dream).memory_gib

    small, large = sorted(sides)

    assert memory_gib(shallow, small) <= memory_gib(shallow + 1 if shallow < 11 else 11, small)
    assert memory_gib(shallow, small) <= memory_gib(shallow, large)


def test_smaller_tiles_take_less() -> None:
    whole, tiled = (
        made(dream={"network": "vgg16", "layers": ["conv4_2"], "tile_size": side}).memory_gib for side in (4096, 512)
    )

    assert tiled < whole / 4


@pytest.mark.parametrize(("job", "share"), [(DREAM, 0.7), (PAINTING, 0.9), (CLASSIC, 1.0)])
def test_half_as_long_numbers_take_less_but_for_what_is_looked_at(job: dict[str, Any], share: float) -> None:
    (stage,) = made(size=(768, 1024), **job).stages

    exact, mixed = (stage_gib(stage.parameters, Pictures((768, 1024)), precision) for precision in get_args(Precision))

    assert mixed / exact == pytest.approx(share, abs=0.12)
    assert stage.memory_gib >= exact


def test_a_large_picture_that_was_handed_in_must_be_read_however_small_its_frame() -> None:
    small, large = (made(size=size, max_size=200, **DREAM).memory_gib for size in ((150, 200), (7500, 10_000)))

    assert large > small + 2


def test_a_job_takes_what_its_largest_stage_takes() -> None:
    both = made(**{**DREAM, "style": PAINTING["style"], "animation": {}})

    assert both.memory_gib == max(stage.memory_gib for stage in both.stages) == both.stage("style-00").memory_gib


def test_a_dream_that_would_not_fit_gets_the_largest_tiles_that_do() -> None:
    (wanted,), (fitting,) = made(**DREAM).stages, made(memory_gib=3, **DREAM).stages

    assert isinstance(wanted.parameters, DreamParameters)
    assert isinstance(fitting.parameters, DreamParameters)
    assert fitting.parameters.tile_size < wanted.parameters.tile_size
    assert fitting.memory_gib <= 3 < wanted.memory_gib
    assert fitting.key != wanted.key


def test_a_painting_that_would_not_fit_is_told_what_is_left() -> None:
    (fitting,) = made(memory_gib=6, **PAINTING).stages

    assert isinstance(fitting.parameters, StyleParameters)
    assert fitting.parameters.memory_gib < 6
    assert fitting.memory_gib == pytest.approx(6, rel=0.25)
    assert fitting.memory_gib <= 6


def test_what_fits_is_the_same_job_with_and_without_a_bound() -> None:
    assert made(memory_gib=1000, **DREAM, style=PAINTING["style"]) == made(**DREAM, style=PAINTING["style"])


@pytest.mark.parametrize(
    ("asked", "memory_gib"),
    [(CLASSIC, 2), (LBFGS, 8), (DREAM, 2), (PAINTING, 2.5)],
    ids=["classic, whole", "what lbfgs remembers", "the frame's copies", "copies of a painting"],
)
def test_what_cannot_fit_is_refused_with_the_largest_size_that_fits(asked: dict[str, Any], memory_gib: float) -> None:
    # when
    with pytest.raises(TooLargeError) as refused:
        made(memory_gib, **asked)

    # then
    told = re.search(
        r"would take [\d.]+ GiB at 3000 x 4000, more than the ([\d.]+) .* max_size (\d+)", str(refused.value)
    )
    assert told is not None
    assert float(told[1]) == memory_gib
    largest = int(told[2])
    assert made(memory_gib, **asked, max_size=largest).memory_gib <= memory_gib
    with pytest.raises(TooLargeError, match=f"max_size {largest} would fit"):
        made(memory_gib, **asked, max_size=largest + 1)


def test_a_worker_too_small_for_any_job_is_told_so() -> None:
    with pytest.raises(TooLargeError, match=r"dream-00 would take .* that a worker has; it would not fit at any size"):
        made(0.5, **DREAM)
