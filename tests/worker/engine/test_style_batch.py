"""Frames painted as a batch are those painted alone, side by side or in turn, and can be put away in the middle."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest

from worker.bench.similarity import ssim
from worker.engine.computation import carry_out
from worker.engine.errors import SettingsError
from worker.engine.image import Image, noise
from worker.engine.networks import Network
from worker.engine.plateau import Plateau
from worker.engine.profile import CLASSIC_STYLE
from worker.engine.regions import Regions
from worker.engine.style import Style
from worker.engine.style_batch import BatchState, StyleBatch
from worker.engine.style_settings import StyleSettings

LEFT = np.tile(np.linspace(1, 0, 50, dtype=np.float32), (36, 1))
HALVES = Regions((LEFT, 1 - LEFT), (0, 1))
PLATEAU = Plateau(0.05, 3)


def frames(network: Network, picture: Image, regions: Regions | None = None, **changes: Any) -> list[Style]:
    layers = {"content_layers": ("edges",), "style_layers": ("edges", "shapes")}
    settings = StyleSettings(**{"iterations": 12, "levels": 2, "unit_steps": 2, **layers, **changes})
    styles = [(noise((30, 40), seed), 1.0) for seed in (4, 5)]
    contents = [picture, picture[::-1], 255 - picture]
    return [Style(network, settings, content, styles, seed, regions) for seed, content in enumerate(contents)]


def painted(batch: StyleBatch) -> BatchState:
    state = batch.begin()
    while not batch.finished(state):
        state = batch.advance(state)
    return state


@pytest.mark.parametrize(
    ("changes", "regions"),
    [
        ({"colors": "content"}, HALVES),
        ({"optimizer": "gradient-descent", "outcome": "averaged", "plateau": PLATEAU, "start_noise": 0.3}, None),
    ],
    ids=["masks", "plateau"],
)
def test_side_by_side_every_frame_becomes_what_it_becomes_alone(
    tiny: Network, picture: Image, changes: dict[str, Any], regions: Regions | None
) -> None:
    # given
    styles = frames(tiny, picture, regions, **changes)
    alone = [carry_out(style) for style in styles]

    # when
    beside = carry_out(StyleBatch(styles, abreast=3))

    # then
    assert len(beside.images) == 3
    for number, (image, one) in enumerate(zip(beside.images, alone, strict=True)):
        own = [entry for entry in beside.trace if entry["frame"] == number]
        assert ssim(image, one.image) > 0.999
        assert [entry["step"] for entry in own] == [entry["step"] for entry in one.trace]
        assert own[-1]["style"] == pytest.approx(one.trace[-1]["style"], rel=1e-3)


@pytest.mark.parametrize(
    ("abreast", "changes"),
    [(1, {}), (3, {"profile": CLASSIC_STYLE, "optimizer": "gradient-descent"})],
    ids=["one", "classic"],
)
def test_what_is_painted_in_turn_becomes_the_same_bytes(
    tiny: Network, picture: Image, abreast: int, changes: dict[str, Any]
) -> None:
    # given
    styles = frames(tiny, picture, **{"iterations": 4, **changes})
    alone = [carry_out(style) for style in styles]

    # when
    batch = StyleBatch(styles, abreast)
    begun = batch.begin()
    result = carry_out(batch)

    # then
    assert len(begun) == 1
    assert [image.tobytes() for image in result.images] == [one.image.tobytes() for one in alone]
    assert result.trace == tuple({"frame": n, **entry} for n, one in enumerate(alone) for entry in one.trace)


@pytest.mark.parametrize("abreast", [1, 2])
def test_a_batch_put_away_after_every_unit_ends_in_the_same_bytes(tiny: Network, picture: Image, abreast: int) -> None:
    # given
    undisturbed = carry_out(StyleBatch(frames(tiny, picture), abreast))

    # when
    batch = StyleBatch(frames(tiny, picture), abreast)
    state = batch.begin()
    while not batch.finished(state):
        batch, file = StyleBatch(frames(tiny, picture), abreast), BytesIO()
        np.savez(file, allow_pickle=False, **batch.pack(batch.advance(state)))  # type: ignore[arg-type]
        file.seek(0)
        state = batch.unpack(dict(np.load(file, allow_pickle=False)))

    # then
    found = batch.result(state)
    assert [image.tobytes() for image in found.images] == [image.tobytes() for image in undisturbed.images]
    assert found.trace == undisturbed.trace


def test_frames_begun_side_by_side_are_finished_in_turn_where_that_is_the_way(tiny: Network, picture: Image) -> None:
    # given
    abreast, in_turn = StyleBatch(frames(tiny, picture), abreast=2), StyleBatch(frames(tiny, picture), abreast=1)
    state = abreast.advance(abreast.begin())

    # when
    moved = in_turn.advance(state)

    # then
    assert [frame.step for frame in state] == [2, 2]
    assert [frame.step for frame in moved] == [4, 2]


def test_as_many_are_painted_side_by_side_as_the_memory_holds(tiny: Network, picture: Image) -> None:
    # given
    (one, *_) = frames(tiny, picture)
    gib = one.settings.memory_gib / one.fitting

    # when
    begun = [
        len(StyleBatch(frames(tiny, picture, memory_gib=pictures * gib), abreast=3).begin())
        for pictures in (0.5, 1.5, 2.5)
    ]

    # then
    assert begun == [1, 1, 2]


def test_a_frame_that_is_done_keeps_its_picture_alone(tiny: Network, picture: Image) -> None:
    # given
    batch = StyleBatch(frames(tiny, picture), abreast=2)

    # when
    state = painted(batch)

    # then
    pictures = [name for name, array in batch.pack(state).items() if array.size >= picture.size]
    assert pictures == [f"{number}/kept_image" for number in range(3)]
    np.testing.assert_array_equal(batch.preview(state), batch.result(state).images[2])


def test_progress_counts_the_steps_of_all_frames(tiny: Network, picture: Image) -> None:
    # given
    batch = StyleBatch(frames(tiny, picture))

    # when
    state = batch.begin()
    told = [batch.progress(state)]
    while not batch.finished(state):
        state = batch.advance(state)
        told.append(batch.progress(state))

    # then
    assert {progress.steps_total for progress in told} == {36}
    assert [progress.steps_done for progress in told] == sorted(progress.steps_done for progress in told)
    assert (told[0].steps_done, told[-1].steps_done) == (0, 36)
    assert told[1].detail == "frame 1/3 | level 1/2 | step 2/12"


def test_frames_that_are_painted_in_different_ways_are_no_batch(tiny: Network, picture: Image) -> None:
    # given
    (one, *_), (other, *_) = frames(tiny, picture), frames(tiny, picture[:30])

    # then
    with pytest.raises(SettingsError, match="frames of a batch is 2"):
        StyleBatch([one, other])
    with pytest.raises(SettingsError, match="frames of a batch is 0"):
        StyleBatch([])
    with pytest.raises(SettingsError, match="abreast is 0"):
        StyleBatch([one], abreast=0)
