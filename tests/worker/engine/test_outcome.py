"""Of a run's pictures the best, a mean or the last is kept."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.engine.outcome import AVERAGE_MEMORY, KEEPERS, Kept, OutcomeName, Update

# Without the smallest of numbers, which processors take for zero.
losses = st.lists(st.floats(0, 1e6, width=32, allow_subnormal=False), min_size=1, max_size=30)


def picture(number: int) -> tf.Tensor:
    return tf.fill((2, 3, 3), float(number))


def kept_of(outcome: OutcomeName, run: list[float]) -> Kept:
    """What is kept of a run whose step n leads from picture n, with the loss named, to picture n + 1."""
    kept = Kept(picture(0), tf.constant(np.inf))
    for number, loss in enumerate(run):
        update = Update(picture(number), tf.constant(loss), picture(number + 1), tf.constant(number))
        kept = KEEPERS[outcome](kept, update)
    return kept


@settings(deadline=None)
@given(run=losses)
def test_the_best_is_the_first_picture_of_the_smallest_loss(run: list[float]) -> None:
    # when
    kept = kept_of("best", run)

    # then
    assert float(kept.loss) == min(run)
    assert float(kept.image[0, 0, 0]) == run.index(min(run))


@settings(deadline=None)
@given(run=losses)
def test_the_last_is_the_picture_behind_the_last_step(run: list[float]) -> None:
    assert float(kept_of("last", run).image[0, 0, 0]) == len(run)


@settings(deadline=None)
@given(run=losses)
def test_the_average_weighs_late_pictures_most_and_all_weights_are_one_together(run: list[float]) -> None:
    # given
    count = len(run)
    weights = AVERAGE_MEMORY ** np.arange(count - 1, -1, -1.0)

    # when
    kept = kept_of("averaged", run)

    # then
    wanted = np.average(np.arange(1, count + 1), weights=weights)
    assert float(kept.image[0, 0, 0]) == pytest.approx(wanted, rel=1e-4)
