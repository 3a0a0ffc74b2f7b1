"""What an animation shows, picture by picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.plan.cost import PICTURE_SHARE, animate_work
from shared.plan.parameters import AnimateParameters
from shared.spec.animation import AnimationSpec
from worker.engine.errors import SettingsError
from worker.engine.timeline import Timeline


def shown(timeline: Timeline) -> list[float]:
    """Every picture as a number between those of its frames."""
    moments = [timeline.moment(number) for number in range(len(timeline))]
    return [round((1 - moment.share) * moment.first + moment.share * moment.second, 3) for moment in moments]


@pytest.mark.parametrize(
    ("frames", "crossfade", "bounce", "expected"),
    [
        (1, 0, False, [0]),
        (1, 3, True, [0]),
        (2, 0, True, [0, 1]),
        (4, 0, True, [0, 1, 2, 3, 2, 1]),
        (3, 1, False, [0, 0.5, 1, 1.5, 2]),
        (2, 2, True, [0, 0.333, 0.667, 1, 0.667, 0.333]),
    ],
)
def test_frames_come_in_order_with_even_mixtures_between_them(
    frames: int, crossfade: int, bounce: bool, expected: list[float]
) -> None:
    assert shown(Timeline(frames, 0.25, crossfade, bounce)) == expected


def test_a_frame_is_held_for_half_its_time_and_mixtures_for_the_rest() -> None:
    # given
    alone, blended = Timeline(3, 0.24), Timeline(3, 0.24, 2, bounce=True)

    # when
    times = [[line.moment(number).milliseconds for number in range(len(line))] for line in (alone, blended)]

    # then
    assert times[0] == [240, 240, 240]
    assert times[1] == [120, 60, 60, 120, 60, 60, 120, 60, 60, 120, 60, 60]


def test_nothing_is_shown_for_less_than_players_keep_to() -> None:
    assert Timeline(2, 0.02, 30).moment(1).milliseconds == 20


@given(frames=st.integers(1, 70), crossfade=st.integers(0, 30), bounce=st.booleans())
def test_the_plan_pays_for_every_picture_that_is_shown(frames: int, crossfade: int, bounce: bool) -> None:
    # given
    parameters = AnimateParameters(animation=AnimationSpec(crossfade=crossfade, bounce=bounce))

    # when
    work = animate_work(parameters, (1000, 1000), frames)

    # then
    assert work == pytest.approx(PICTURE_SHARE * len(Timeline(frames, 0.25, crossfade, bounce)))


@pytest.mark.parametrize("change", [{"frames": 0}, {"frame_seconds": 0.0}, {"crossfade": -1}])
def test_numbers_out_of_range_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(change))):
        Timeline(**{"frames": 2, "frame_seconds": 0.1, **change})  # type: ignore[arg-type]
