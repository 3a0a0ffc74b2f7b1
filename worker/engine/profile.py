"""Profiles: the switches between what the original programs of 2016 compute and what mends their faults."""

from dataclasses import dataclass
from typing import Literal

from worker.engine.networks import Feed, Padding
from worker.engine.outcome import OutcomeName


@dataclass(frozen=True)
class DreamProfile:
    """Switches of a dream.

    Attributes:
        name: as clients ask for it.
        feed: how the network is fed.
        padding: what the first convolution sees beyond the border.
        float_resize: resize in floating point, instead of by way of truncated bytes.
        clip: keep the image in 0..255 after every step.
        whole_gradient: the gradient of the whole image, normalised once; instead of that of randomly shifted tiles,
            each normalised by itself and padded with zeros at its seams.
        zero_mean: take each colour's mean out of the gradient, so that brightness does not drift.
        roll: the image is rolled by up to so many pixels before each step.
        skip_small_octaves: leave out octaves under the network's minimum size.
        hold_tone: after every octave, bring each colour's mean and contrast back to the source's: over a long chain,
            contrast creeps to black and white.
        mixed: convolutions may be computed in mixed precision, where the device is fastest at it.
    """

    name: str
    feed: Feed
    padding: Padding
    float_resize: bool
    clip: bool
    whole_gradient: bool
    zero_mean: bool
    roll: int
    skip_small_octaves: bool
    hold_tone: bool
    mixed: bool


@dataclass(frozen=True)
class StyleProfile:
    """Switches of a style transfer.

    Attributes:
        name: as clients ask for it.
        feed: how the network is fed.
        padding: what the first convolution sees beyond the border.
        normalized_grams: products of channels averaged over positions, instead of summed.
        lagged_factors: each loss is divided by its own value one step earlier, instead of by a scale known beforehand.
        start_noise: share of noise in the start, unless the settings name one: 0 is the content itself, 1 noise alone.
        faint_noise: noise is grey with faint grain, instead of every value drawn evenly from 0..255.
        outcome: which picture is returned, unless the settings name one.
        exact_bits: 64 keeps the image in float64 between steps, as the original does; 32 does not.
        mixed: convolutions may be computed in mixed precision, where the device is fastest at it.
    """

    name: str
    feed: Feed
    padding: Padding
    normalized_grams: bool
    lagged_factors: bool
    start_noise: float
    faint_noise: bool
    outcome: OutcomeName
    exact_bits: Literal[32, 64]
    mixed: bool


CLASSIC_DREAM = DreamProfile(
    name="classic",
    feed="original",
    padding="zeros",
    float_resize=False,
    clip=False,
    whole_gradient=False,
    zero_mean=False,
    roll=0,
    skip_small_octaves=False,
    hold_tone=False,
    mixed=False,
)
MODERN_DREAM = DreamProfile(
    name="modern",
    feed="trained",
    padding="replicate",
    float_resize=True,
    clip=True,
    whole_gradient=True,
    zero_mean=True,
    roll=16,
    skip_small_octaves=True,
    hold_tone=True,
    mixed=True,
)
CLASSIC_STYLE = StyleProfile(
    name="classic",
    feed="original",
    padding="zeros",
    normalized_grams=False,
    lagged_factors=True,
    start_noise=1.0,
    faint_noise=True,
    outcome="last",
    exact_bits=64,
    mixed=False,
)
MODERN_STYLE = StyleProfile(
    name="modern",
    feed="trained",
    padding="replicate",
    normalized_grams=True,
    lagged_factors=False,
    start_noise=0.0,
    faint_noise=False,
    outcome="best",
    exact_bits=32,
    mixed=True,
)

DREAM_PROFILES: dict[str, DreamProfile] = {profile.name: profile for profile in (CLASSIC_DREAM, MODERN_DREAM)}
STYLE_PROFILES: dict[str, StyleProfile] = {profile.name: profile for profile in (CLASSIC_STYLE, MODERN_STYLE)}
