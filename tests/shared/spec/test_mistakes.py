"""What people are told about a spec that is wrong."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.spec.job import JobSpec
from shared.spec.mistakes import mistakes_of

SOLID = {"solid": {}}
DREAM = {"source": SOLID, "dream": {}}
DIGEST = "sha256:" + 64 * "0"

BAD_SPECS = {
    "a list": ([], "", "mapping"),
    "nothing": ({}, "/source", "is missing"),
    "no block": ({"source": SOLID}, "", "give a dream block"),
    "a misspelt field": ({**DREAM, "dream": {"itertions": 3}}, "/dream/itertions", "did you mean 'iterations'?"),
    "an unknown field": ({**DREAM, "zzz": 3}, "/zzz", "possible are version, name, seed"),
    "a misspelt field of a source": ({**DREAM, "source": {"solit": {}}}, "/source/solit", "did you mean 'solid'?"),
    "two sources": ({**DREAM, "source": {"solid": {}, "noise": {}}}, "/source", "exactly one"),
    "a frame before the first": (
        {**DREAM, "source": {"frame": {"job": "job_1", "index": -1}}},
        "/source/frame/index",
        "greater than or equal to 0",
    ),
    "a misspelt colour": ({**DREAM, "source": {"solid": {"color": "gren"}}}, "/source/solid", "did you mean 'green'?"),
    "a colour beyond white": ({**DREAM, "source": {"solid": {"color": "rgb(300,0,0)"}}}, "/source/solid", "no colour"),
    "an unknown colour": ({**DREAM, "source": {"solid": {"color": "blurple"}}}, "/source/solid", "no colour"),
    "an image that is no id": ({**DREAM, "source": {"image": "cat.png"}}, "/source/image", "got 'cat.png'"),
    "too many iterations": (
        {**DREAM, "dream": {"iterations": 10**9}},
        "/dream/iterations",
        "less than or equal to 1000",
    ),
    "a text for a number": ({**DREAM, "dream": {"iterations": "many"}}, "/dream/iterations", "got 'many'"),
    "an unknown network": ({**DREAM, "dream": {"network": "resnet"}}, "/dream/network", "'vgg16'"),
    "layers of a wrong kind": ({**DREAM, "dream": {"layers": 3}}, "/dream/layers", "string"),
    "a layer of a wrong kind": ({**DREAM, "dream": {"layers": ["a", {}]}}, "/dream/layers/1", "got {}"),
    "no strongest channel": (
        {**DREAM, "dream": {"channels": {"strongest": 0}}},
        "/dream/channels/strongest",
        "greater than or equal to 1",
    ),
    "two choices of channels": (
        {**DREAM, "dream": {"channels": {"strongest": 3, "slice": {}}}},
        "/dream/channels",
        "got slice and strongest",
    ),
    "a zoom of nothing": ({**DREAM, "dream": {"endless": {"zoom": 0}}}, "/dream/endless/zoom", "equal to 0.5; got 0"),
    "a zoom that is no number": (
        {**DREAM, "dream": {"endless": {"zoom": float("nan")}}},
        "/dream/endless/zoom",
        "finite",
    ),
    "a shift without bounds": (
        {**DREAM, "dream": {"endless": {"shift": [0, float("inf")]}}},
        "/dream/endless/shift/1",
        "finite",
    ),
    "no frame": ({**DREAM, "dream": {"endless": {"frames": 0}}}, "/dream/endless/frames", "equal to 1; got 0"),
    "more frames than are made": (
        {**DREAM, "dream": {"endless": {"frames": 301}}},
        "/dream/endless/frames",
        "equal to 300; got 301",
    ),
    "an endless dream of single pictures": (
        {**DREAM, "dream": {"endless": {}, "mode": "independent"}},
        "/dream",
        "an endless dream is a chain",
    ),
    "no guide": ({**DREAM, "dream": {"objective": "guide"}}, "/dream", "got guide and no guide"),
    "a guide for nothing": ({**DREAM, "dream": {"guide": {"image": DIGEST}}}, "/dream", "got mean-square and a guide"),
    "a guide without bounds": (
        {**DREAM, "dream": {"objective": "guide", "guide": {"image": DIGEST, "max_size": 10_000}}},
        "/dream/guide/max_size",
        "less than or equal to 512",
    ),
    "weights of nothing": ({**DREAM, "dream": {"layers": [{"mixed4c": 0}]}}, "/dream/layers/0", "all weights are 0"),
    "a weight below zero": (
        {**DREAM, "dream": {"layers": [{"mixed4c": -1}]}},
        "/dream/layers/0/mixed4c",
        "greater than or equal to 0",
    ),
    "a weight that is no number": (
        {**DREAM, "dream": {"layers": [{"mixed4c": float("nan")}]}},
        "/dream/layers/0/mixed4c",
        "finite",
    ),
    "a share and a count": (
        {**DREAM, "dream": {"channels": {"random": {"fraction": 0.1, "count": 3}}}},
        "/dream/channels/random",
        "not both",
    ),
    "a channel below zero": ({**DREAM, "dream": {"channels": [3, -1]}}, "/dream/channels/1", "got -1"),
    "no style image": ({"source": SOLID, "style": {"images": []}}, "/style/images", "at least 1"),
    "a weight of zero": (
        {"source": SOLID, "style": {"images": [{"image": DIGEST, "weight": 0}]}},
        "/style/images/0/weight",
        "greater than or equal to 0.000001",
    ),
    "a layer's weight that is next to nothing": (
        {"source": SOLID, "style": {"images": [{"image": DIGEST}], "style_layers": {"conv1_1": 5e-324}}},
        "/style/style_layers/conv1_1",
        "greater than or equal to 0.000001",
    ),
    "weights that count nothing": (
        {
            "source": SOLID,
            "style": {"images": [{"image": DIGEST}], "weights": {"style": 0, "content": 0, "denoise": 0}},
        },
        "/style/weights",
        "all weights are 0",
    ),
    "a weight that is no end": (
        {"source": SOLID, "style": {"images": [{"image": DIGEST}], "weights": {"style": float("inf")}}},
        "/style/weights/style",
        "finite",
    ),
    "not a number": ({**DREAM, "dream": {"blend": float("nan")}}, "/dream/blend", "finite"),
    "a seed too large": ({**DREAM, "seed": 2**32}, "/seed", "4294967295"),
    "a version to come": ({**DREAM, "version": 2}, "/version", "got 2"),
    "a text for a block": ({**DREAM, "animation": "gif"}, "/animation", "mapping of fields; got 'gif'"),
}


@pytest.mark.parametrize(("data", "pointer", "told"), BAD_SPECS.values(), ids=BAD_SPECS.keys())
def test_a_mistake_is_told_where_it_is_and_with_what_is_possible(data: Any, pointer: str, told: str) -> None:
    mistakes = mistakes_in(data)

    assert [mistake.pointer for mistake in mistakes] == [pointer]
    assert told in mistakes[0].message


def test_all_mistakes_are_told_at_once() -> None:
    mistakes = mistakes_in({"source": {"noise": {"size": [0, 10]}}, "dream": {"repeats": -1, "lairs": 1}})

    assert {mistake.pointer for mistake in mistakes} == {"/source/noise/size/0", "/dream/repeats", "/dream/lairs"}


def test_field_names_are_escaped_in_pointers() -> None:
    mistakes = mistakes_in({**DREAM, "a/b~c": 1})

    assert mistakes[0].pointer == "/a~1b~0c"


def mistakes_in(data: Any) -> Any:
    with pytest.raises(ValidationError) as caught:
        JobSpec.model_validate(data)
    return mistakes_of(caught.value, data)
