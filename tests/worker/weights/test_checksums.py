"""Digests of tensors depend on what the tensors are, on nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from worker.weights.checksums import tensors_digest

TENSORS = {"a/kernel": np.arange(12, dtype=np.float32).reshape(1, 2, 2, 3), "a/bias": np.ones(3, np.float32)}


@given(st.permutations(list(TENSORS)))
def test_order_does_not_matter(names: list[str]) -> None:
    assert tensors_digest({name: TENSORS[name] for name in names}) == tensors_digest(TENSORS)


def test_memory_layout_does_not_matter() -> None:
    turned = {**TENSORS, "a/kernel": np.asfortranarray(TENSORS["a/kernel"])}

    assert tensors_digest(turned) == tensors_digest(TENSORS)


def test_names_shapes_and_values_matter() -> None:
    renamed = {"b/kernel": TENSORS["a/kernel"], "a/bias": TENSORS["a/bias"]}
    reshaped = {**TENSORS, "a/kernel": TENSORS["a/kernel"].reshape(1, 1, 4, 3)}
    changed = {**TENSORS, "a/bias": np.array([1, 1, 1.0000001], np.float32)}

    assert len({tensors_digest(tensors) for tensors in (TENSORS, renamed, reshaped, changed)}) == 4
