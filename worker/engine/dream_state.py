"""Where a dream stands, and how that is put away."""

import random
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from worker.engine.computation import Arrays
from worker.engine.image import Image
from worker.engine.survey import Survey

# What random.Random.getstate() gives: a version, 625 words, and nothing.
RandomState: TypeAlias = tuple[Any, ...]

CHANNELS_OF = "channels_of_"


@dataclass(frozen=True, eq=False)
class DreamState:
    """Where a dream stands.

    Attributes:
        image: the picture at the current octave.
        octave: number of the current octave, smallest first; the number of octaves when the dream is over.
        step: steps made at this octave.
        random_state: of the generator of all draws; hand the last one on to start another dream where this one ended.
        trace: a row a step: octave, step, objective before it.
        survey: what was read off the start picture.
    """

    image: Image
    octave: int
    step: int
    random_state: RandomState
    trace: NDArray[np.float64]
    survey: Survey


def packed(state: DreamState) -> dict[str, NDArray[Any]]:
    """The state as arrays."""
    return {
        "image": state.image,
        "position": np.array([state.octave, state.step], np.int64),
        "random_version": np.array(state.random_state[0], np.int64),
        "random_words": np.array(state.random_state[1], np.uint64),
        "trace": state.trace,
        "strengths": state.survey.strengths,
        **{CHANNELS_OF + layer: channels for layer, channels in state.survey.channels.items()},
    }


def unpacked(arrays: Arrays) -> DreamState:
    """The state that `packed` put away."""
    octave, step = (int(number) for number in arrays["position"])
    words = tuple(int(word) for word in arrays["random_words"])
    random_state = (int(arrays["random_version"]), words, None)
    channels = {name.removeprefix(CHANNELS_OF): arrays[name] for name in arrays if name.startswith(CHANNELS_OF)}
    seen = Survey(np.asarray(arrays["strengths"]), channels)
    return DreamState(np.asarray(arrays["image"]), octave, step, random_state, np.asarray(arrays["trace"]), seen)


def generator(state: RandomState) -> random.Random:
    """The generator of all draws, where it stood."""
    draws = random.Random()
    draws.setstate(state)
    return draws
