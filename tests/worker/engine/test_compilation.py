"""What a process has compiled serves its later stages, and no more of it is kept than a few."""

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from worker.bench.speed.traces import Walks
from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import Image, noise
from worker.engine.losses import Lens
from worker.engine.networks import Network
from worker.engine.profile import MODERN_STYLE
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings
from worker.engine.targets import COMPILED_KEPT, compiled_grams


def paint(network: Network, content: Image, **changes: Any) -> None:
    layers = {"content_layers": ("edges",), "style_layers": ("edges", "shapes")}
    settings = StyleSettings(**{"iterations": 6, "levels": 2, **layers, **changes})
    carry_out(Style(network, settings, content, [(noise((40, 60), 4), 1.0)], seed=11))


def dream(network: Network, image: Image, channels: tuple[int, ...], **changes: Any) -> None:
    settings = DreamSettings(layers=(DreamedLayer("shapes", channels=channels),), **{"iterations": 2, **changes})
    carry_out(Dream(network, settings, image, seed=3))


def test_frames_of_any_size_and_any_number_of_levels_are_painted_by_what_the_first_compiled(
    tiny: Network, picture: Image
) -> None:
    walks = Walks(tiny)
    paint(walks.network, picture)
    first = walks.count

    paint(walks.network, picture[::-1])
    paint(walks.network, np.tile(picture, (2, 1, 1)), levels=3, iterations=9, step_size=2.0)

    # The content's look, the styles', the descent, and the last look at what is returned.
    assert first == 4
    assert walks.count == first


@pytest.mark.parametrize("tile_size", [400, 32], ids=["whole", "tiled"])
def test_dreams_of_other_sizes_octaves_and_channels_are_dreamed_by_what_the_first_compiled(
    tiny: Network, picture: Image, tile_size: int
) -> None:
    walks = Walks(tiny)
    dream(walks.network, picture, (1, 2), tile_size=tile_size)
    first = walks.count

    dream(walks.network, picture[:30, 3:], (0, 4, 5), tile_size=tile_size, repeats=1, iterations=3, step_size=1.0)

    assert walks.count == first <= 2


def test_what_has_not_been_used_for_long_is_let_go(tiny: Network, picture: Image) -> None:
    def lens(number: int) -> Lens:
        return Lens(replace(tiny, name=f"tiny{number}"), MODERN_STYLE, (), ("edges",))

    def compiled_graph() -> weakref.ref[Any]:
        look: Any = compiled_grams(lens(0))
        look(tf.constant(picture))
        return weakref.ref(look.get_concrete_function().graph)

    graph = compiled_graph()
    for number in range(1, COMPILED_KEPT + 1):
        compiled_grams(lens(number))
    gc.collect()

    assert graph() is None
