"""Patience: a store is asked again until it answers, unless there is no time."""

from collections.abc import Callable

import pytest

from shared.errors import StoreUnavailableError
from worker.patience import insist


def answering_after(refusals: int) -> Callable[[], str]:
    left = iter(range(refusals))

    def ask() -> str:
        if next(left, None) is not None:
            raise StoreUnavailableError("away")
        return "answer"

    return ask


def test_an_answer_is_waited_for() -> None:
    assert insist(answering_after(2), lambda: False, patience_seconds=10) == "answer"


def test_a_worker_that_is_stopped_does_not_wait() -> None:
    with pytest.raises(StoreUnavailableError):
        insist(answering_after(1), lambda: True, patience_seconds=10)


def test_patience_ends() -> None:
    with pytest.raises(StoreUnavailableError):
        insist(answering_after(99), lambda: False, patience_seconds=0)
