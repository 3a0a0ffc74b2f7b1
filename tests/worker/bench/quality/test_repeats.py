"""Work that is not put away whole is found out."""

from dataclasses import replace

import pytest

from tests.worker.tiny import tiny_network
from worker.bench.quality.repeats import AT_ONCE, PUT_AWAY
from worker.engine import dream
from worker.engine.computation import Arrays
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.dream_state import DreamState, unpacked
from worker.engine.image import encode_png, noise

SETTINGS = DreamSettings((DreamedLayer("shapes"),), iterations=4, repeats=1, unit_steps=2)


def test_a_dream_put_away_after_every_unit_has_the_same_bytes() -> None:
    assert dreamed_put_away() == dreamed_at_once()


def test_a_dream_whose_draws_begin_anew_when_it_is_taken_up_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    def forgetful(arrays: Arrays) -> DreamState:
        return replace(unpacked(arrays), random_state=opened().begin().random_state)

    monkeypatch.setattr(dream, "unpacked", forgetful)

    # when
    resumed = dreamed_put_away()

    # then
    assert resumed != dreamed_at_once()


def opened() -> Dream:
    return Dream(tiny_network(), SETTINGS, noise((40, 40), 1), 3)


def dreamed_at_once() -> bytes:
    return encode_png(AT_ONCE.compute(opened).image)


def dreamed_put_away() -> bytes:
    return encode_png(PUT_AWAY.compute(opened).image)
