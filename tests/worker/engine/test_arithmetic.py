"""Mixed precision is chosen where the device is fast at it."""

import pytest

from worker.engine.arithmetic import Arithmetic, PrecisionChoice, chosen_precision
from worker.engine.precision import Precision

PLAIN = frozenset({"fma", "avx2"})


@pytest.mark.parametrize(
    ("arithmetic", "best"),
    [
        (Arithmetic(frozenset()), "float32"),
        (Arithmetic(PLAIN), "float32"),
        (Arithmetic(PLAIN | {"avx512_bf16"}), "mixed"),
        (Arithmetic(PLAIN | {"amx_bf16"}), "mixed"),
        (Arithmetic(PLAIN | {"amx_bf16"}, onednn=False), "float32"),
        (Arithmetic(PLAIN, compute_capabilities=((9, 0),)), "mixed"),
        (Arithmetic(PLAIN, compute_capabilities=((9, 0), (7, 5))), "float32"),
        (Arithmetic(PLAIN | {"amx_bf16"}, compute_capabilities=((7, 5),)), "float32"),
        (Arithmetic(PLAIN, compute_capabilities=((0, 0),)), "float32"),
    ],
)
def test_a_device_is_given_the_precision_that_it_is_fast_at(arithmetic: Arithmetic, best: Precision) -> None:
    assert chosen_precision("auto", arithmetic) == best


@pytest.mark.parametrize("choice", ["float32", "mixed"])
def test_a_choice_wins_over_what_the_device_is_good_at(choice: PrecisionChoice) -> None:
    for instructions in (PLAIN, PLAIN | {"amx_bf16"}):
        assert chosen_precision(choice, Arithmetic(instructions)) == choice
