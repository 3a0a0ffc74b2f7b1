"""Plans whose styles paint frames in batches."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.plan.parameters import StyleParameters
from shared.plan.records import Plan, Stage
from shared.spec.style import MAX_BATCH_SIZE, StyleSpec
from tests.shared.plan.planning import STYLE, plan


def painting(batch_size: int, **changes: Any) -> Plan:
    """A chain of eleven dreams, each painted."""
    return plan(style={"images": [{"image": STYLE}], "batch_size": batch_size}, animation={}, **changes)


def styles(made: Plan) -> list[Stage]:
    return [stage for stage in made.stages if isinstance(stage.parameters, StyleParameters)]


def seeds(made: Plan) -> list[int]:
    return [seed for stage in styles(made) for seed in getattr(stage.parameters, "seeds", ())]


def test_a_batch_is_one_stage_that_reads_the_frames_it_paints() -> None:
    # when
    found = styles(painting(4))

    # then
    assert [(stage.id, stage.index, len(stage.frames)) for stage in found] == [
        ("style-00", 0, 4),
        ("style-04", 4, 4),
        ("style-08", 8, 3),
    ]
    assert found[1].needs == ("dream-04", "dream-05", "dream-06", "dream-07")
    assert found[1].label == f"{found[1].labels[0]}..{found[1].labels[3]}"


def test_the_animation_shows_the_frames_of_all_batches_in_order() -> None:
    # when
    animate = painting(4).stage("animate")

    # then
    assert [(item.stage, item.frame) for item in animate.inputs] == [
        *(("style-00", number) for number in range(4)),
        *(("style-04", number) for number in range(4)),
        *(("style-08", number) for number in range(3)),
    ]
    assert animate.needs == ("style-00", "style-04", "style-08")


@pytest.mark.parametrize("batch_size", [2, 4, MAX_BATCH_SIZE])
def test_frames_have_the_seeds_and_cost_what_they_have_and_cost_in_stages_of_their_own(batch_size: int) -> None:
    # given
    alone, batched = painting(1), painting(batch_size)

    # then
    assert seeds(batched) == seeds(alone)
    assert batched.work == pytest.approx(alone.work)


def test_a_batch_takes_more_memory_by_what_its_frames_keep_but_not_by_their_steps() -> None:
    # given
    alone, batched = (styles(painting(batch_size))[0].memory_gib for batch_size in (1, 4))

    # then
    assert alone < batched < 1.2 * alone


def test_a_frame_left_over_is_painted_by_the_same_stage_as_without_batches() -> None:
    # given
    alone, batched = styles(painting(1)), styles(painting(5))

    # then
    assert (batched[2].id, batched[2].key) == (alone[10].id, alone[10].key)
    assert batched[2].model_dump() == alone[10].model_dump()
    assert not {stage.key for stage in batched[:2]} & {stage.key for stage in alone}


def test_what_a_stage_of_one_frame_is_recognized_by_tells_nothing_of_batches() -> None:
    # given
    made = painting(1)

    # then
    assert "further_seeds" not in made.stage("style-00").parameters.model_dump(mode="json")
    assert all("frame" not in item.model_dump(mode="json") for item in made.stage("animate").inputs)
    assert Plan.model_validate_json(made.model_dump_json()) == made
    assert Plan.model_validate_json(painting(3).model_dump_json()) == painting(3)


def test_a_label_that_all_frames_share_is_told_once() -> None:
    # when
    made = painting(2, dream={"network": "vgg16", "layers": ["conv4_2"], "endless": {"frames": 3}})

    # then
    assert [stage.label for stage in styles(made)] == ["conv4_2", "conv4_2"]


@pytest.mark.parametrize("batch_size", [0, MAX_BATCH_SIZE + 1])
def test_a_batch_of_none_or_of_too_many_is_refused(batch_size: int) -> None:
    with pytest.raises(ValidationError, match="batch_size"):
        StyleSpec.model_validate({"images": [{"image": STYLE}], "batch_size": batch_size})
