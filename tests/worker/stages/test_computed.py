"""A stage around a computation of the engine."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.counting import counting_plan, counting_spec
from worker.engine.computation import Arrays, Progress, Result, SurveyedLayer
from worker.engine.image import Image, solid
from worker.stages.computed import ComputedWork


class Steps:
    """A computation whose state is the number of steps made."""

    def __init__(self) -> None:
        self.begun = 0

    def begin(self) -> int:
        """Count the call."""
        self.begun += 1
        return 0

    def advance(self, state: int) -> int:
        """One step."""
        return state + 1

    def finished(self, state: int) -> bool:
        """After three."""
        return state == 3

    def progress(self, state: int) -> Progress:
        """The steps made."""
        return Progress(state, 3, "step")

    def preview(self, state: int) -> Image:
        """A tone of red a step."""
        return solid((state, 0, 0), (2, 2))

    def result(self, state: int) -> Result:
        """One layer surveyed."""
        return Result((self.preview(state),), ({"step": float(state)},), {"mixed4c": SurveyedLayer(0.5, (2, 3))})

    def pack(self, state: int) -> dict[str, NDArray[Any]]:
        """The number."""
        return {"state": np.array(state)}

    def unpack(self, arrays: Arrays) -> int:
        """The number again."""
        return int(arrays["state"])


def a_work(steps: Steps) -> ComputedWork[int]:
    return ComputedWork(steps, counting_plan(counting_spec()).stages[0], unit_seconds=0.0, precision="float32")


def test_a_stage_begins_once() -> None:
    steps = Steps()
    work = a_work(steps)

    shares = [work.progress]
    while not work.finished:
        work.advance()
        shares.append(work.progress)

    assert shares == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert steps.begun == 1


def test_a_stage_that_is_taken_up_never_begins() -> None:
    put_away = a_work(Steps())
    put_away.advance()
    steps = Steps()

    work = a_work(steps)
    work.restore(put_away.checkpoint())
    work.advance()

    assert work.trace == ({"step": 2.0},)
    assert steps.begun == 0


def test_what_the_start_picture_told_is_handed_on() -> None:
    told = a_work(Steps()).survey["mixed4c"]

    assert (told.strength, told.channels) == (0.5, (2, 3))
