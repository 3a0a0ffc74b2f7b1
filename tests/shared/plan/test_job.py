"""From spec to plan."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.equipment import Equipment
from shared.errors import NoNetworkKnownError, SpecError, TooLargeError
from shared.plan.records import Plan
from shared.plan.surroundings import Surroundings
from tests.shared.plan.planning import HERE, SOURCE, STYLE, dreams, plan


def test_a_chain_dreams_each_frame_of_the_one_before_and_paints_every_frame() -> None:
    made = plan(style={"images": [{"image": STYLE}]}, animation={})

    needs = {stage.id: stage.needs for stage in made.stages}
    assert needs["dream-00"] == ()
    assert needs["dream-10"] == ("dream-09",)
    assert needs["style-03"] == ("dream-03",)
    assert needs["animate"] == tuple(f"style-{i:02d}" for i in range(11))


def test_independent_layers_all_dream_of_the_source() -> None:
    made = plan(dream={"network": "vgg16", "layers": [4, 7], "mode": "independent"})

    assert [stage.needs for stage in made.stages] == [(), ()]


def test_a_style_alone_paints_the_source() -> None:
    made = plan(dream=None, style={"images": [{"image": STYLE}]})

    (stage,) = made.stages
    assert stage.id == "style-00"
    assert [item.source.image for item in stage.inputs if item.source] == [SOURCE, STYLE]


def test_auto_is_the_first_network_that_a_worker_has() -> None:
    around = Surroundings(HERE.image_sizes, equipment=Equipment(("vgg16", "googlenet")))

    assert plan(around=around, dream={}).network == "googlenet"


def test_auto_without_any_worker_says_what_to_do() -> None:
    with pytest.raises(NoNetworkKnownError, match="start a worker, or name a network: inception5h, googlenet, vgg16"):
        plan(around=Surroundings(HERE.image_sizes), dream={})


@given(seed=st.integers(0, 2**32 - 1))
def test_the_first_stage_has_the_jobs_seed_and_later_ones_their_own(seed: int) -> None:
    seeds = [parameters.seed for parameters in dreams(plan(seed=seed))]

    assert seeds[0] == seed
    assert len(set(seeds)) == len(seeds)


def test_the_same_spec_has_the_same_keys_and_another_seed_other_ones() -> None:
    keys = [stage.key for stage in plan().stages]

    assert keys == [stage.key for stage in plan().stages]
    assert not set(keys) & {stage.key for stage in plan(seed=8).stages}


def test_jobs_that_share_a_prefix_share_its_keys() -> None:
    short = plan(dream={"network": "googlenet", "layers": "1..5"})
    long = plan(dream={"network": "googlenet", "layers": "1..11"})

    assert [stage.key for stage in short.stages] == [stage.key for stage in long.stages][:5]


def test_an_image_that_nobody_uploaded_is_refused() -> None:
    with pytest.raises(SpecError, match="is not here; upload it with POST /v1/images"):
        plan(around=Surroundings(equipment=Equipment(("vgg16",))))


def test_frames_fit_the_size_that_is_asked_for() -> None:
    assert plan(max_size=200).size == (133, 200)
    assert plan(max_size=1000).size == (300, 451)


def test_a_source_too_small_for_the_network_is_refused_with_the_size_that_works() -> None:
    with pytest.raises(SpecError, match="frames would be 5 x 500; googlenet needs 32 x 32 pixels at least"):
        plan(source={"solid": {"size": [5, 500]}})


def test_a_source_longer_than_any_picture_may_be_is_refused_unless_it_is_made_smaller() -> None:
    # given
    around = Surroundings({SOURCE: (600, 70_000)})

    # when
    with pytest.raises(SpecError, match=r"frames would be 600 x 70000; the longest side may have 16,384") as refused:
        plan(around=around, max_size=None)

    # then
    assert refused.value.pointer == "/max_size"
    assert plan(around=around, max_size=16_384).size == (140, 16_384)


@pytest.mark.parametrize(
    ("size", "style"),
    [
        ((1, 1), {}),
        ((5000, 1), {}),
        ((31, 400), {}),
        ((40, 400), {"max_size": 64}),
        ((253, 2400), {"profile": "classic"}),
    ],
)
def test_a_style_image_too_small_for_the_network_is_refused_at_its_place(
    size: tuple[int, int], style: dict[str, Any]
) -> None:
    # given
    around = Surroundings({SOURCE: (300, 451), STYLE: size}, Equipment(("vgg16",)))

    # when
    with pytest.raises(SpecError, match="vgg16 needs 32 x 32 pixels at least") as refused:
        plan(around=around, style={"images": [{"image": STYLE}], **style})

    # then
    assert refused.value.pointer == "/style/images/0/image"


@pytest.mark.parametrize(("size", "style"), [((32, 32), {}), ((20, 30), {"profile": "classic"}), ((3000, 4000), {})])
def test_a_style_image_that_the_network_can_look_at_is_planned_whatever_the_frames_size(
    size: tuple[int, int], style: dict[str, Any]
) -> None:
    around = Surroundings({SOURCE: (300, 451), STYLE: size}, Equipment(("vgg16",)))

    assert plan(around=around, style={"images": [{"image": STYLE}], **style}).stages


def test_every_picture_of_an_animation_is_paid_for() -> None:
    # when
    plain, blended, back = (
        plan(animation=animation).stage("animate").work
        for animation in ({}, {"crossfade": 3}, {"crossfade": 3, "bounce": True})
    )

    # then
    assert (blended / plain, back / plain) == pytest.approx((41 / 11, 80 / 11))


def test_an_animation_of_another_kind_has_another_key() -> None:
    kinds = [{}, {"format": "webp"}, {"palette": "global"}, {"dither": True}, {"bounce": True}]

    assert len({plan(animation=kind).stage("animate").key for kind in kinds}) == len(kinds)


def test_frames_that_a_webp_cannot_hold_are_refused_before_any_is_dreamed() -> None:
    # given
    long = {"source": {"solid": {"size": [32, 16_384]}}, "max_size": None}

    # when
    with pytest.raises(SpecError, match=r"a webp holds at most 16,383 pixels a side") as refused:
        plan(**long, animation={"format": "webp"})

    # then
    assert refused.value.pointer == "/animation/format"
    assert plan(**long, animation={"format": "apng"}).stages


def test_a_job_that_costs_too_much_is_refused_with_its_cost() -> None:
    with pytest.raises(TooLargeError, match=r"costs 28 megapixel-steps, more than the 10 that are accepted"):
        plan(around=Surroundings(HERE.image_sizes, max_cost=10))


def test_a_plan_comes_back_the_same_from_json() -> None:
    made = plan(style={"images": [{"image": STYLE}]}, animation={})

    assert Plan.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize(
    ("equipment", "format_"), [(None, "mp4"), (Equipment(), "gif"), (Equipment(extras=("video",)), "mp4")]
)
def test_an_animation_that_some_worker_can_write_or_that_no_worker_has_denied_is_planned(
    equipment: Equipment | None, format_: str
) -> None:
    made = plan(around=Surroundings(HERE.image_sizes, equipment), animation={"format": format_})

    assert made.stage("animate").equipment == Equipment(extras=("video",) if format_ == "mp4" else ())


def test_an_mp4_that_no_worker_can_write_is_refused_with_what_to_install_and_what_to_choose() -> None:
    with pytest.raises(
        SpecError, match=r"which no worker has: run pip install '\.\[video\]'.* or choose gif"
    ) as refused:
        plan(animation={"format": "mp4"})

    assert refused.value.pointer == "/animation/format"


def test_a_plan_that_an_earlier_version_stored_is_read() -> None:
    # given
    stored = plan().model_dump(mode="json")
    for stage in stored["stages"]:
        # What was not told before plans had estimates and batches.
        del stage["memory_gib"], stage["labels"]

    # when
    read = Plan.model_validate(stored)

    # then
    assert [stage.key for stage in read.stages] == [stage["key"] for stage in stored["stages"]]
