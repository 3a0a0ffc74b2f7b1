"""Outcomes: which picture of a run is what it made."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

import tensorflow as tf

OutcomeName: TypeAlias = Literal["best", "averaged", "last"]

# The average forgets all but about its last ten pictures: a level's first ones are far from what it comes to.
AVERAGE_MEMORY = 0.9


class Kept(NamedTuple):
    """The picture kept so far, shaped as the image, and its weighted loss."""

    image: Any
    loss: Any


class Update(NamedTuple):
    """One step: the picture before it with its weighted loss, the picture behind it, the step's number in its level."""

    before: Any
    loss: Any
    after: Any
    number: Any


Keeper: TypeAlias = Callable[[Kept, Update], Kept]


def keep_best(kept: Kept, update: Update) -> Kept:
    """The picture with the smallest loss."""
    better = update.loss < kept.loss
    return Kept(tf.where(better, update.before, kept.image), tf.where(better, update.loss, kept.loss))


def keep_average(kept: Kept, update: Update) -> Kept:
    """The mean of a level's pictures, late ones counting most, every weight known from the first step on.

    Polyak and Juditsky (1992) average all iterates alike; the memory of the exponential mean is a departure.
    """
    made = tf.cast(update.number + 1, update.after.dtype)
    share = (1.0 - AVERAGE_MEMORY) / (1.0 - AVERAGE_MEMORY**made)
    return kept._replace(image=kept.image + share * (update.after - kept.image))


def keep_last(kept: Kept, update: Update) -> Kept:
    """The picture behind the last step."""
    return kept._replace(image=update.after)


KEEPERS: dict[OutcomeName, Keeper] = {"best": keep_best, "averaged": keep_average, "last": keep_last}
