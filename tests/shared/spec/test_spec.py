"""What a spec accepts and refuses."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.spec.job import JobSpec

STYLE_IMAGE = {"image": "sha256:" + "a" * 64}


def spec(**changes: Any) -> JobSpec:
    return JobSpec.model_validate({"source": {"solid": {"color": "red"}}, "dream": {}, **changes})


def test_every_field_but_the_source_and_one_block_has_a_default() -> None:
    accepted = spec()

    assert accepted.dream is not None
    assert accepted.dream.profile == "modern"
    assert accepted.seed is None


def test_a_classic_style_has_the_original_programs_settings() -> None:
    accepted = spec(style={"images": [STYLE_IMAGE], "profile": "classic"})

    assert accepted.style is not None
    assert (accepted.style.iterations, accepted.style.optimizer) == (120, "gradient-descent")
    assert (accepted.style.step_size, accepted.style.max_size) == (10.0, 300)


def test_a_block_given_in_part_keeps_the_profiles_other_fields() -> None:
    accepted = spec(style={"images": [STYLE_IMAGE], "profile": "classic", "weights": {"content": 10}})

    assert accepted.style is not None
    assert accepted.style.weights.model_dump() == {"style": 10.0, "content": 10.0, "denoise": 0.3}


def test_a_field_that_is_given_wins_over_the_profile() -> None:
    accepted = spec(style={"images": [STYLE_IMAGE], "profile": "classic", "iterations": 100})

    assert accepted.style is not None
    assert accepted.style.iterations == 100


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"images": [{**STYLE_IMAGE, "mask": STYLE_IMAGE}]}, "has no mask;"),
        ({"scale": 1.0}, "has no scale;"),
        ({"optimizer": "lbfgs"}, "has no optimizer: lbfgs;"),
        ({"result": "best"}, "has no result: best;"),
        ({"result": "best", "plateau": {}}, "no plateau and no result: best"),
    ],
)
def test_a_classic_style_takes_nothing_that_compares_its_losses(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        spec(style={"images": [STYLE_IMAGE], "profile": "classic", **fields})


def test_every_style_image_has_a_mask_or_none_has() -> None:
    masked = {**STYLE_IMAGE, "mask": STYLE_IMAGE}

    with pytest.raises(ValidationError, match="give every style image a mask, or none"):
        spec(style={"images": [STYLE_IMAGE, masked]})
    assert spec(style={"images": [masked, masked]}).mask_ids == (STYLE_IMAGE["image"],)


def test_a_style_image_has_one_size() -> None:
    with pytest.raises(ValidationError, match="give scale or max_size, not both"):
        spec(style={"images": [STYLE_IMAGE], "scale": 1.0, "max_size": 300})


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"source": {}}, "source", "exactly one of image, solid, noise, frame; got none"),
        ({"source": {"solid": {}, "noise": {}}}, "source", "got solid and noise"),
        ({"source": {"solid": {"color": "blu"}}}, "source.solid", "no colour 'blu'"),
        ({"source": {"image": "cat.png"}}, "source.image", "pattern"),
        ({"dream": None}, "", "a dream block, a style block or both"),
        ({"dream": {"iterations": 0}}, "dream.iterations", "greater than or equal to 1"),
        ({"dream": {"step_size": float("nan")}}, "dream.step_size", "finite"),
        ({"dream": {"step_size": float("inf")}}, "dream.step_size", "finite"),
        ({"dream": {"iteration": 5}}, "dream.iteration", "Extra inputs"),
        ({"dream": {"channels": []}}, "dream.channels.only", "at least 1"),
        ({"dream": {"channels": {"random": {"fraction": 0.1, "count": 2}}}}, "dream.channels.random", "not both"),
        ({"style": {"images": []}}, "style.images", "at least 1"),
        ({"seed": -1}, "seed", "greater than or equal to 0"),
        ({"animation": {"format": "avi"}}, "animation.format", "'gif', 'webp', 'apng' or 'mp4'"),
        ({"animation": {"format": "webp", "dither": True}}, "animation", "palette and dither are a gif's; a webp has"),
        ({"animation": {"format": "mp4", "palette": "global"}}, "animation", "leave them out"),
        ({"animation": {"format": "mp4", "loop": 3}}, "animation", "cannot say how often it plays, got loop 3"),
        ({"animation": {"loop": 0}}, "animation.loop.constrained-int", "greater than or equal to 1"),
        ({"animation": {"crossfade": 31}}, "animation.crossfade", "less than or equal to 30"),
        ({"animation": {"palette": "web"}}, "animation.palette", "'frame' or 'global'"),
        ({"version": 2}, "version", "1"),
    ],
)
def test_a_bad_spec_is_refused_where_it_is_bad(changes: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        spec(**changes)

    errors = {".".join(str(part) for part in error["loc"]): error["msg"] for error in caught.value.errors()}
    assert place in errors
    assert words in errors[place]


def test_a_list_of_channels_is_a_choice_of_only_these() -> None:
    accepted = spec(dream={"channels": [3, 1]})

    assert accepted.dream is not None
    assert accepted.dream.channels is not None
    assert accepted.dream.channels.only == (3, 1)


@pytest.mark.parametrize(("color", "rgb"), [("black", (0, 0, 0)), ("#ff8000", (255, 128, 0)), ([1, 2, 3], (1, 2, 3))])
def test_a_colour_is_a_name_or_hex_or_three_levels(color: Any, rgb: tuple[int, int, int]) -> None:
    accepted = spec(source={"solid": {"color": color}})

    assert accepted.source.solid is not None
    assert accepted.source.solid.rgb == rgb


def test_layers_numbered_in_yaml_are_the_same_as_in_json() -> None:
    written = spec(dream={"layers": [7, {7: 1.0, "mixed5a": 0.5}]})

    assert JobSpec.model_validate_json(written.model_dump_json()) == written


def test_a_spec_comes_back_the_same_from_json() -> None:
    accepted = spec(style={"images": [STYLE_IMAGE], "profile": "classic"}, animation={"loop": 3})

    assert JobSpec.model_validate_json(accepted.model_dump_json()) == accepted
