"""What a spec asks of its dreams, in the plan: layers, channels, objectives, guides, motion."""

from typing import Any

import pytest

from shared.errors import SpecError
from shared.plan.records import Plan
from shared.plan.surroundings import Surroundings
from shared.spec.dream import Motion
from tests.shared.plan.planning import SOURCE, STYLE, dreams, plan


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
        ({"mixed4c": 1, "mixed9z": 1}, "/dream/layers/0/mixed9z", "no layer 'mixed9z'; did you mean 'mixed5b'"),
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
    with pytest.raises(SpecError, match=r"no layer 'mixed9z'; did you mean 'mixed5b'\?") as caught:
        plan(dream={"network": "googlenet", "layers": ["mixed4c", "mixed9z"]})

    assert caught.value.pointer == "/dream/layers/1"


def test_a_backward_range_is_refused() -> None:
    with pytest.raises(SpecError, match=r"runs backward; write 3\.\.5"):
        plan(dream={"network": "googlenet", "layers": "5..3"})


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


def test_more_random_channels_than_a_layer_has_are_refused() -> None:
    block = {"network": "vgg16", "layers": [7, 0], "channels": {"random": {"count": 65}}}

    with pytest.raises(SpecError, match="vgg16 conv1_1 has 64 channels; got 65") as caught:
        plan(dream=block)

    assert caught.value.pointer == "/dream/channels/random/count"
    assert plan(dream={**block, "channels": {"random": {"count": 64}}}).stages


@pytest.mark.parametrize(
    ("profile", "repeats", "fits"), [("classic", 4, True), ("classic", 5, False), ("modern", 12, True)]
)
def test_octaves_without_a_pixel_are_refused_before_any_is_dreamed(profile: str, repeats: int, fits: bool) -> None:
    small: dict[str, Any] = {"source": {"solid": {"size": [40, 90]}}}
    block = {"network": "vgg16", "layers": [7], "profile": profile, "repeats": repeats, "rescale_factor": 0.45}

    if fits:
        assert plan(**small, dream=block).stages
        return
    with pytest.raises(SpecError, match="the smallest of 6 octaves of 40 x 90 would have no pixel") as caught:
        plan(**small, dream=block)
    assert caught.value.pointer == "/dream/repeats"


def test_an_empty_slice_is_refused() -> None:
    with pytest.raises(SpecError, match="slice is empty"):
        plan(dream={"network": "vgg16", "layers": [0], "channels": {"slice": {"start": 3, "stop": 3}}})
