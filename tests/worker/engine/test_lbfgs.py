"""L-BFGS finds the bottom of a bowl in few steps, and its two loops are the dense BFGS matrix."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from worker.engine.lbfgs import PAIRS, inverse_times, lbfgs, no_curvature
from worker.engine.pace import Pace, Slope

SHAPE = (2, 2, 3)
SIZE = 12
Array: TypeAlias = NDArray[Any]


def descended(start: Array, gradient: Callable[[Array], Array], steps: int, size: float = 200.0) -> list[Array]:
    """Every picture of a run."""
    memory, pictures = no_curvature(start), [start]
    for step in range(steps):
        slope = Slope(tf.constant(pictures[-1]), tf.constant(gradient(pictures[-1])))
        change, memory = lbfgs(slope, memory, Pace(step, steps, size))
        pictures.append(pictures[-1] - change.numpy())
    return pictures


def dense_inverse(moves: Array, turns: Array) -> Array:
    """The BFGS recursion with whole matrices (Nocedal and Wright, 2006, 6.17), begun from the newest pair's scale."""
    s, y = moves.reshape(len(moves), SIZE).astype(float), turns.reshape(len(turns), SIZE).astype(float)
    inverse = np.eye(SIZE) * (s[-1] @ y[-1]) / (y[-1] @ y[-1])
    for move, turn in zip(s, y, strict=True):
        weight = 1.0 / (turn @ move)
        left = np.eye(SIZE) - weight * np.outer(move, turn)
        inverse = left @ inverse @ left.T + weight * np.outer(move, move)
    return inverse


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**16), known=st.integers(1, PAIRS))
def test_the_two_loops_are_the_dense_matrix_times_the_gradient(seed: int, known: int) -> None:
    # given
    draws = np.random.default_rng(seed)
    hessian = np.diag(draws.uniform(0.5, 2.0, SIZE))
    moves = draws.normal(size=(known, *SHAPE)).astype(np.float32)
    turns = (moves.reshape(known, SIZE) @ hessian).reshape(moves.shape).astype(np.float32)
    gradient = draws.normal(size=SHAPE).astype(np.float32)
    absent = np.zeros((PAIRS - known, *SHAPE), np.float32)

    # when
    found = inverse_times(
        tf.constant(np.concatenate([absent, moves])),
        tf.constant(np.concatenate([absent, turns])),
        tf.constant(gradient),
    )

    # then
    wanted = dense_inverse(moves, turns) @ gradient.reshape(SIZE)
    np.testing.assert_allclose(found.numpy().reshape(SIZE), wanted, rtol=1e-3, atol=1e-3)


def test_a_bowl_of_even_curvature_is_at_its_bottom_after_two_steps() -> None:
    # given
    bottom = np.random.default_rng(1).uniform(0, 255, SHAPE).astype(np.float32)

    # when
    first, second = descended(np.full(SHAPE, 128.0, np.float32), lambda x: 7.0 * (x - bottom), 2, size=200.0)[1:]

    # then
    assert np.abs(first - bottom).max() > 1.0
    assert np.abs(second - bottom).max() < 0.01


@pytest.mark.parametrize("condition", [30.0, 100.0])
def test_a_bowl_of_uneven_curvature_is_at_its_bottom_where_plain_descent_is_far_from_it(condition: float) -> None:
    # given
    draws = np.random.default_rng(2)
    curvatures = np.geomspace(1.0, condition, SIZE).reshape(SHAPE).astype(np.float32)
    bottom = draws.uniform(0, 255, SHAPE).astype(np.float32)
    start = np.full(SHAPE, 128.0, np.float32)

    def gradient(x: Array) -> Array:
        return curvatures * (x - bottom)

    # when
    end = descended(start, gradient, 40)[-1]
    plain = start
    for _ in range(40):
        plain = plain - gradient(plain) / condition

    # then
    assert np.abs(end - bottom).max() < 0.01
    assert np.abs(plain - bottom).max() > 1.0


def test_no_step_is_longer_than_its_pace() -> None:
    # when
    pictures = descended(np.zeros(SHAPE, np.float32), lambda x: np.sign(x - 100.0) + 0.001 * x, 12, size=3.0)

    # then
    steps = [np.sqrt(np.mean((after - before) ** 2)) for before, after in pairwise(pictures)]
    assert max(steps) <= 3.0 * 1.0001


def test_a_step_without_upward_curve_is_not_remembered() -> None:
    # given
    start = np.ones(SHAPE, np.float32)
    memory = no_curvature(start)

    # when
    for step, picture in enumerate((start, start + 1.0)):
        # A hill: the gradient falls along the move.
        slope = Slope(tf.constant(picture), tf.constant(-3.0 * picture))
        _, memory = lbfgs(slope, memory, Pace(step, 2, 1.0))

    # then
    assert not np.asarray(memory.moves).any()
