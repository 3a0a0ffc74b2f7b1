"""The plain loops that the engine is measured against do what the engine does."""

import numpy as np
import pytest
import tensorflow as tf

from worker.bench.speed import plain
from worker.bench.speed.course import Course
from worker.bench.speed.plain import PlainStyle, plain_chain


def test_a_plain_style_comes_nearer_to_what_it_paints(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: steps that suit a network whose losses are steep
    monkeypatch.setattr(plain, "STYLE_STEP", 0.2)
    style = PlainStyle(course.painter, course.content, course.painting, course.content_layer)
    before = float(style._loss(style._image))

    # when
    for _ in range(3):
        style.step()

    # then
    assert float(style._loss(style._image)) < before


def test_a_plain_chain_raises_what_its_last_layer_sees(course: Course) -> None:
    # given
    layers, lengths = ("edges", "shapes"), course.lengths

    # when
    dreamed = plain_chain(course.dreamer, layers, course.dreamed, lengths.octaves, 3)

    # then
    def seen(image: np.ndarray) -> float:
        return float(tf.reduce_mean(course.dreamer.activations(tf.constant(image)[None], ("shapes",))["shapes"] ** 2))

    assert dreamed.shape == course.dreamed.shape
    assert seen(dreamed) > seen(course.dreamed)
