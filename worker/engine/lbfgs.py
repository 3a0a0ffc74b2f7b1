"""L-BFGS: steps by the curvature that the last steps showed."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from worker.engine.image import Image
from worker.engine.pace import Pace, Slope

# Pairs of moves and turns kept.
PAIRS = 8
# The first step, which knows no curvature, over the pace's size.
FIRST_SHARE = 0.25
# A pair counts when its curvature, over the product of both lengths, is above this.
FLAT = 1e-6
TINY = 1e-20


class Curvature(NamedTuple):
    """What the last steps showed, oldest pair first; zeros, which change nothing, stand for pairs yet to come.

    Attributes:
        image: before the last step, `(height, width, 3)`.
        gradient: there, of the same shape.
        moves: how the image changed at steps, `(PAIRS, height, width, 3)`.
        turns: how the gradient changed at them, of the same shape.
    """

    image: Any
    gradient: Any
    moves: Any
    turns: Any


def no_curvature(image: Image) -> Curvature:
    """Before the first step: as if the last one had moved nothing."""
    still, stack = np.zeros(image.shape, np.float32), np.zeros((PAIRS, *image.shape), np.float32)
    return Curvature(image.astype(np.float32), still, stack, stack)


def lbfgs(slope: Slope, curvature: Curvature, pace: Pace) -> tuple[tf.Tensor, Curvature]:
    """Nocedal and Wright (2006), algorithm 7.5, with whole steps instead of a line search.

    A line search looks at the picture several times a step, and a look is what a step costs. Instead, the root mean
    square of a step is `pace.size` levels at most.
    """
    known = _remembered(slope, curvature)
    direction = inverse_times(known.moves, known.turns, slope.gradient)
    length = tf.sqrt(tf.reduce_mean(tf.square(direction))) + TINY
    # Without any pair the direction is the bare gradient, whose unit is not a picture's: only its length is given.
    shown = tf.reduce_any(known.moves[-1] != 0.0)
    share = tf.where(shown, tf.minimum(1.0, pace.size / length), FIRST_SHARE * pace.size / length)
    return share * direction, known


def inverse_times(moves: tf.Tensor, turns: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """The inverse Hessian that pairs of moves and turns show, times a gradient (algorithm 7.4: two loops)."""
    pairs = range(PAIRS)
    weights = [_over(1.0, _product(moves[pair], turns[pair])) for pair in pairs]
    shares: dict[int, tf.Tensor] = {}
    direction = gradient
    for pair in reversed(pairs):
        shares[pair] = weights[pair] * _product(moves[pair], direction)
        direction -= shares[pair] * turns[pair]
    direction *= _scale(moves[-1], turns[-1])
    for pair in pairs:
        back = weights[pair] * _product(turns[pair], direction)
        direction += (shares[pair] - back) * moves[pair]
    return direction


def _remembered(slope: Slope, curvature: Curvature) -> Curvature:
    """The last step's pair added, the oldest forgotten; a step that showed no upward curve is none."""
    move, turn = slope.image - curvature.image, slope.gradient - curvature.gradient
    curved = _product(move, turn) > FLAT * tf.norm(move) * tf.norm(turn)
    moves, turns = (
        tf.where(curved, tf.concat([stack[1:], new[None]], axis=0), stack)
        for stack, new in ((curvature.moves, move), (curvature.turns, turn))
    )
    return Curvature(slope.image, slope.gradient, moves, turns)


def _scale(move: tf.Tensor, turn: tf.Tensor) -> tf.Tensor:
    """The inverse Hessian's size along the newest pair (7.20), 1 without one."""
    scale = _over(_product(move, turn), _product(turn, turn))
    return tf.where(scale > 0.0, scale, 1.0)


def _product(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(one * other)


def _over(value: Any, divisor: tf.Tensor) -> tf.Tensor:
    return tf.math.divide_no_nan(value, divisor)
