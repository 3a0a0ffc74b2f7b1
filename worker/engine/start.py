"""The picture that a style transfer starts from: the content, noise, or a mixture of both."""

import numpy as np
from numpy.typing import NDArray

from worker.engine.image import Image
from worker.engine.profile import StyleProfile

GREY = 128.0


def start_image(content: Image, noise_share: float, seed: int, profile: StyleProfile) -> NDArray[np.floating]:
    """A start of the content's size.

    Args:
        content: `(height, width, 3)`.
        noise_share: 0 starts from the content itself, 1 from noise alone.
        seed: of the noise.
        profile: says what noise is, and how exactly the picture is kept.

    Returns:
        Float64 where the profile keeps 64 bits, float32 elsewhere.
    """
    dtype = np.float64 if profile.exact_bits == 64 else np.float32
    if noise_share == 0.0:
        return content.astype(dtype)
    grain = np.random.default_rng(seed).random(content.shape)
    noise = grain + GREY if profile.faint_noise else grain * 255.0
    return (noise_share * noise + (1.0 - noise_share) * content).astype(dtype)
