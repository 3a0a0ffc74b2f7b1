"""From spec to plan."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import NoNetworkKnownError, SpecError, TooLargeError
from shared.plan.job import Surroundings, plan_job
from shared.plan.parameters import DreamParameters
from shared.plan.records import Plan
from shared.spec.dream import Motion
from shared.spec.job import JobSpec

STYLE = "sha256:" + "a" * 64
SOURCE = "sha256:" + "b" * 64
HERE = Surroundings(image_sizes={SOURCE: (300, 451), STYLE: (400, 600)}, networks=("vgg16",))


def plan(seed: int = 7, around: Surroundings = HERE, **changes: Any) -> Plan:
    spec = {"seed": seed, "source": {"image": SOURCE}, "dream": {"network": "googlenet"}, **changes}
    return plan_job(JobSpec.model_validate(spec), around)


def dreams(made: Plan) -> list[DreamParameters]:
    return [stage.parameters for stage in made.stages if isinstance(stage.parameters, DreamParameters)]


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


@pytest.mark.parametrize(
    ("layers", "names"),
    [
        ("mixed3a..mixed4a", ["mixed3a", "mixed3b", "mixed4a"]),
        ("3..4", ["mixed3a", "mixed3b"]),
        (" mixed4c ", ["mixed4c"]),
        (["mixed5b", 0], ["mixed5b", "conv2d0"]),
    ],
)
def test_layers_are_named_or_numbered_or_a_range(layers: Any, names: list[str]) -> None:
    made = plan(dream={"network": "googlenet", "layers": layers})

    assert [stage.label for stage in made.stages] == names


def mixes(made: Plan) -> list[dict[str, float]]:
    return [{layer.name: layer.weight for layer in parameters.layers} for parameters in dreams(made)]


def test_several_layers_are_dreamed_at_once_with_their_weights() -> None:
    made = plan(dream={"network": "googlenet", "layers": ["mixed3b", {"mixed5a": 1.0, "7": 2.0}]})

    assert [stage.label for stage in made.stages] == ["mixed3b", "mixed4c+mixed5a"]
    assert mixes(made) == [{"mixed3b": 1.0}, {"mixed4c": 1.0, "mixed5a": 0.5}]


@pytest.mark.parametrize("same", [{"mixed4c": 2, "mixed5a": 1}, {10: 0.5, 7: 1}, {"7": 0.1, "mixed5a": 0.05, 3: 0}])
def test_the_same_mix_has_the_same_key_however_it_is_written(same: dict[int | str, float]) -> None:
    usual, other = (
        plan(dream={"network": "googlenet", "layers": [mix]}) for mix in ({"mixed4c": 1.0, "mixed5a": 0.5}, same)
    )

    assert usual.stages[0].key == other.stages[0].key


def test_a_layer_of_no_weight_leaves_the_other_as_if_it_stood_alone() -> None:
    alone, beside = (
        plan(dream={"network": "googlenet", "layers": [entry]}) for entry in ("mixed4c", {"mixed4c": 3, "mixed5a": 0})
    )

    assert alone.stages == beside.stages


def test_several_layers_cost_a_look_at_each() -> None:
    one, two = (plan(dream={"network": "googlenet", "layers": [mix]}) for mix in ({"7": 1}, {"7": 1, "10": 1}))

    assert two.work - one.work == pytest.approx(2 * 0.300 * 0.451)


@pytest.mark.parametrize(
    ("mix", "pointer", "told"),
    [
        ({"mixed4c": 1, "mixed9z": 1}, "/dream/layers/0/mixed9z", "no layer 'mixed9z'; its layers are 0 conv2d0"),
        ({"mixed4c": 1, "7": 1}, "/dream/layers/0", "mixed4c is named twice"),
    ],
)
def test_a_mix_that_cannot_be_is_refused_at_its_place(mix: dict[str, float], pointer: str, told: str) -> None:
    with pytest.raises(SpecError, match=told) as caught:
        plan(dream={"network": "googlenet", "layers": [mix]})

    assert caught.value.pointer == pointer


def test_each_layer_of_a_mix_draws_its_own_channels() -> None:
    block = {"network": "googlenet", "layers": [{"mixed4b": 1, "mixed4c": 1}], "channels": {"random": {"count": 9}}}

    (made,) = dreams(plan(dream=block))

    assert made.layers[0].channels != made.layers[1].channels


def test_a_misspelt_layer_gets_the_list_of_layers() -> None:
    with pytest.raises(SpecError, match="no layer 'mixed9z'; its layers are 0 conv2d0, 1 conv2d1") as caught:
        plan(dream={"network": "googlenet", "layers": ["mixed4c", "mixed9z"]})

    assert caught.value.pointer == "/dream/layers/1"


def test_a_backward_range_is_refused() -> None:
    with pytest.raises(SpecError, match=r"runs backward; write 3\.\.5"):
        plan(dream={"network": "googlenet", "layers": "5..3"})


def test_auto_is_the_first_network_that_a_worker_has() -> None:
    around = Surroundings(HERE.image_sizes, networks=("vgg16", "googlenet"))

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


def test_random_channels_are_drawn_by_the_seed_from_their_layer_on() -> None:
    choice = {"random": {"from_layer": 6, "fraction": 0.1}}

    made = dreams(plan(dream={"network": "googlenet", "channels": choice}))

    assert [parameters.layers[0].channels is None for parameters in made] == [True] * 5 + [False] * 6
    assert len(made[5].layers[0].channels or ()) == 51
    assert made == dreams(plan(dream={"network": "googlenet", "channels": choice}))


def test_the_strongest_channels_are_left_to_the_stage_and_cost_a_look() -> None:
    block = {"network": "googlenet", "layers": ["mixed4c"]}

    usual, asked = plan(dream=block), plan(dream={**block, "channels": {"strongest": 5}})

    assert [(layer.channels, layer.strongest) for layer in dreams(asked)[0].layers] == [(None, 5)]
    assert asked.work - usual.work == pytest.approx(0.300 * 0.451)


def test_more_strongest_channels_than_a_layer_has_are_refused() -> None:
    with pytest.raises(SpecError, match="vgg16 conv1_1 has 64 channels; got 65") as caught:
        plan(dream={"network": "vgg16", "layers": [4, 0], "channels": {"strongest": 65}})

    assert caught.value.pointer == "/dream/channels/strongest"


def test_channels_that_the_layer_does_not_have_are_refused() -> None:
    with pytest.raises(SpecError, match="conv1_1 has channels 0 to 63; got 64"):
        plan(dream={"network": "vgg16", "layers": [0], "channels": [64]})


def test_the_objective_is_part_of_the_parameters_and_of_the_key() -> None:
    # given
    block = {"network": "googlenet", "layers": ["mixed4c"]}

    # when
    usual, other = plan(dream=block), plan(dream={**block, "objective": "mean"})

    # then
    assert [made.objective for made in (*dreams(usual), *dreams(other))] == ["mean-square", "mean"]
    assert usual.stages[0].key != other.stages[0].key


ENDLESS = {"network": "googlenet", "layers": [6, 7], "endless": {"frames": 5, "zoom": 1.1, "shift": [0.5, -2]}}


def test_an_endless_dream_takes_its_layers_in_turn_each_from_the_frame_before_moved() -> None:
    made = plan(dream=ENDLESS, animation={})

    *frames, animation = made.stages
    assert [stage.label for stage in frames] == ["mixed4b", "mixed4c", "mixed4b", "mixed4c", "mixed4b"]
    assert [stage.needs for stage in frames] == [(), ("dream-00",), ("dream-01",), ("dream-02",), ("dream-03",)]
    motions = [stage.inputs[0].motion for stage in frames]
    assert motions[0] is None
    assert all(motion == Motion(zoom=1.1, shift=(0.5, -2.0)) for motion in motions[1:])
    assert [item.motion for item in animation.inputs] == [None] * 5


def test_a_longer_endless_dream_begins_with_the_shorter_ones_frames() -> None:
    short, long = (plan(dream={**ENDLESS, "endless": {"frames": count}}) for count in (7, 120))

    assert [stage.key for stage in long.stages[:7]] == [stage.key for stage in short.stages]
    assert (long.stages[3].id, short.stages[3].id) == ("dream-003", "dream-03")
    assert [stage.id for stage in long.stages] == sorted(stage.id for stage in long.stages)
    assert long.work == pytest.approx(short.work / 7 * 120)


def test_another_motion_makes_other_frames_but_the_first() -> None:
    usual, other = plan(dream=ENDLESS), plan(dream={**ENDLESS, "endless": {"frames": 5, "zoom": 1.2}})

    same = [one.key == two.key for one, two in zip(usual.stages, other.stages, strict=True)]
    assert same == [True, False, False, False, False]


def test_an_endless_dream_keeps_to_the_random_channels_that_it_has_drawn() -> None:
    made = dreams(plan(dream={**ENDLESS, "channels": {"random": {"count": 9}}}))

    assert made[0].layers == made[2].layers != made[1].layers


def test_an_endless_dream_without_layers_dreams_of_the_networks_own() -> None:
    labels = {stage.label for stage in plan(dream={"network": "googlenet", "endless": {"frames": 4}}).stages}

    assert labels == {"mixed4c"}


GUIDED = {"network": "googlenet", "layers": [6, 7], "objective": "guide", "guide": {"image": STYLE, "max_size": 100}}


def test_every_dream_reads_the_guide_behind_its_start() -> None:
    made = plan(dream=GUIDED)

    starts, guides = zip(*(stage.inputs for stage in made.stages), strict=True)
    assert [item.stage for item in starts] == [None, "dream-00"]
    assert {(item.source.image, item.max_size) for item in guides if item.source} == {(STYLE, 100)}


def test_another_guide_makes_other_keys() -> None:
    other = plan(dream={**GUIDED, "guide": {"image": SOURCE, "max_size": 100}})

    assert not {stage.key for stage in other.stages} & {stage.key for stage in plan(dream=GUIDED).stages}


@pytest.mark.parametrize(
    ("sizes", "told"), [({STYLE: (100, 1000)}, "looked at as 10 x 100; googlenet needs 32 x 32"), ({}, "is not here")]
)
def test_a_guide_that_cannot_be_looked_at_is_refused_at_its_place(sizes: dict[str, Any], told: str) -> None:
    with pytest.raises(SpecError, match=told) as caught:
        plan(around=Surroundings({SOURCE: (300, 451), **sizes}), dream=GUIDED)

    assert caught.value.pointer == "/dream/guide/image"


def test_an_empty_slice_is_refused() -> None:
    with pytest.raises(SpecError, match="slice is empty"):
        plan(dream={"network": "vgg16", "layers": [0], "channels": {"slice": {"start": 3, "stop": 3}}})


def test_an_image_that_nobody_uploaded_is_refused() -> None:
    with pytest.raises(SpecError, match="is not here; upload it with POST /v1/images"):
        plan(around=Surroundings(networks=("vgg16",)))


def test_frames_fit_the_size_that_is_asked_for() -> None:
    assert plan(max_size=200).size == (133, 200)
    assert plan(max_size=1000).size == (300, 451)


def test_a_source_too_small_for_the_network_is_refused_with_the_size_that_works() -> None:
    with pytest.raises(SpecError, match="frames would be 5 x 500; googlenet needs 32 x 32 pixels at least"):
        plan(source={"solid": {"size": [5, 500]}})


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
    around = Surroundings({SOURCE: (300, 451), STYLE: size}, ("vgg16",))

    # when
    with pytest.raises(SpecError, match="vgg16 needs 32 x 32 pixels at least") as refused:
        plan(around=around, style={"images": [{"image": STYLE}], **style})

    # then
    assert refused.value.pointer == "/style/images/0/image"


@pytest.mark.parametrize(("size", "style"), [((32, 32), {}), ((20, 30), {"profile": "classic"}), ((3000, 4000), {})])
def test_a_style_image_that_the_network_can_look_at_is_planned_whatever_the_frames_size(
    size: tuple[int, int], style: dict[str, Any]
) -> None:
    around = Surroundings({SOURCE: (300, 451), STYLE: size}, ("vgg16",))

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
