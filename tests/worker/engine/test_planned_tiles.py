"""The tiles that a plan reckons with are those that the engine cuts."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.networks import NETWORKS
from shared.plan.parameters import DreamParameters, StageParameters, StyleParameters
from shared.plan.size import Size
from shared.plan.surroundings import Surroundings
from shared.plan.tiles import REMEMBERED, dream_tile, style_tile
from shared.spec.style import StyleOptimizer
from tests.shared.plan.planning import SOURCE, STYLE, plan
from worker.engine.ascent import seamless_tiles
from worker.engine.budget import fitting_tiles
from worker.engine.losses import Lens
from worker.engine.networks import Network
from worker.engine.optimizer import OPTIMIZERS
from worker.engine.profile import MODERN_STYLE
from worker.engine.tiles import shifted_tiles

SIDES = st.tuples(st.integers(64, 3000), st.integers(64, 3000))
Pretrained = Callable[[str], Network]


@pytest.mark.parametrize("name", ["googlenet", "vgg16"])
def test_the_card_of_a_network_tells_its_geometry(pretrained: Pretrained, name: str) -> None:
    told = {layer.name: (layer.channels, layer.stride, layer.field) for layer in NETWORKS[name].layers}

    assert told == {
        layer: (seen.channels, seen.stride, seen.receptive_field) for layer, seen in pretrained(name).geometry.items()
    }


@given(size=SIDES, layer=st.sampled_from(["conv2d0", "mixed3a", "mixed4c", "mixed5b"]), wanted=st.integers(64, 1500))
def test_the_largest_tile_of_a_dream_is_known(pretrained: Pretrained, size: Size, layer: str, wanted: int) -> None:
    parameters = planned(size, dream={"network": "googlenet", "layers": [layer], "tile_size": wanted})
    assert isinstance(parameters, DreamParameters)

    tiles = list(seamless_tiles(pretrained("googlenet"), (layer,), size, wanted))
    rows = max(tile.seen_rows.stop - tile.seen_rows.start for tile in tiles)
    columns = max(tile.seen_columns.stop - tile.seen_columns.start for tile in tiles)

    height, width = dream_tile(parameters, size).seen
    stride = NETWORKS["googlenet"].layers[NETWORKS["googlenet"].index(layer)].stride
    assert abs(height - rows) <= 4 * stride
    assert abs(width - columns) <= 4 * stride


@given(size=SIDES, wanted=st.integers(64, 1500), seed=st.integers(0, 999))
def test_no_tile_of_a_classic_dream_is_larger_than_the_one_known(size: Size, wanted: int, seed: int) -> None:
    dream = {"network": "vgg16", "layers": [4], "tile_size": wanted, "profile": "classic", "repeats": 0}
    parameters = planned(size, dream=dream)
    assert isinstance(parameters, DreamParameters)

    tiles = list(shifted_tiles(size, wanted, random.Random(seed)))

    height, width = dream_tile(parameters, size).seen
    assert max(tile.rows.stop - tile.rows.start for tile in tiles) <= height + 1
    assert max(tile.columns.stop - tile.columns.start for tile in tiles) <= width + 1


@given(
    size=SIDES,
    layers=st.sampled_from([("conv1_1", "conv2_1"), ("conv1_1", "conv3_1", "conv5_1"), ("conv4_3",)]),
    optimizer=st.sampled_from(sorted(REMEMBERED)),
    memory_gib=st.floats(1, 12),
)
def test_the_largest_tile_of_a_style_is_known(
    pretrained: Pretrained, size: Size, layers: tuple[str, ...], optimizer: StyleOptimizer, memory_gib: float
) -> None:
    asked = {"style_layers": layers, "optimizer": optimizer, "memory_gib": memory_gib}
    parameters = planned(size, dream=None, style={"images": [{"image": STYLE}], **asked})
    assert isinstance(parameters, StyleParameters)
    lens = Lens(pretrained("vgg16"), MODERN_STYLE, parameters.content_layers, layers)

    tiles = fitting_tiles(lens, size, memory_gib, OPTIMIZERS[optimizer].remembered)

    rows = max((tile.seen_rows.stop - tile.seen_rows.start for tile in tiles), default=size[0])
    columns = max((tile.seen_columns.stop - tile.seen_columns.start for tile in tiles), default=size[1])
    height, width = style_tile(parameters, size).seen
    assert rows <= height <= min(size[0], rows + 200)
    assert columns <= width <= min(size[1], columns + 200)


def planned(size: Size, **asked: Any) -> StageParameters:
    """The parameters of the one stage that is asked for."""
    around = Surroundings({SOURCE: size, STYLE: (400, 600)})
    return plan(around=around, max_size=None, **asked).stages[0].parameters
