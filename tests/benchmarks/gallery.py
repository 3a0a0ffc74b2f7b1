"""Prints what the pictures of `docs/gallery.md` are judged by: `python -m tests.benchmarks.gallery FOLDER...`.

A folder is one that `dreamqueue-worker run` has filled. Dogs are told by googlenet, where its weights are at hand.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from shared.settings import settings_in_force
from worker.engine.image import Image, decode_png
from worker.engine.networks.catalogue import build_network
from worker.weights.loading import load

DOGS = slice(151, 269)
"""The 118 breeds among ImageNet's thousand classes."""
SEEN_AT_ONCE = 224
STRIDE = 44
BORDER = 8
SATURATED, YELLOW = 0.5, (40 / 360, 70 / 360)

Manifest = Mapping[str, Any]


def main(folders: list[Path]) -> None:
    """One line a picture, then what its stage traced."""
    dogs = dog_teller()
    for folder in folders:
        manifest = json.loads((folder / "manifest.json").read_text())
        for stage in manifest["stages"]:
            for name in stage.get("artifacts", ()):
                if name.endswith(".png"):
                    image = decode_png((folder / name).read_bytes())
                    told = {**looks(image), **dogs(image), **traced(stage)}
                    figures = "  ".join(f"{what} {figure:.4g}" for what, figure in told.items())
                    print(f"{folder.name} {name}  {figures}")  # noqa: T201


def looks(image: Image) -> dict[str, float]:
    """What the picture alone tells, in levels of 0..255 and shares."""
    slopes = np.abs(np.diff(image, axis=0)).mean() + np.abs(np.diff(image, axis=1)).mean()
    return {
        "contrast": float(image.std()),
        "border/interior": border_share(image),
        "neighbours differ by": float(slopes / 2),
        "yellow": yellow_share(image),
    }


def border_share(image: Image) -> float:
    """How strongly the picture changes within 8 px of its borders, over how strongly it does further in."""
    change = np.abs(np.diff(image, axis=0))[:, :-1] + np.abs(np.diff(image, axis=1))[:-1]
    inside = np.zeros(change.shape[:2], bool)
    inside[BORDER:-BORDER, BORDER:-BORDER] = True
    return float(change[~inside].mean() / max(change[inside].mean(), 1e-8))


def yellow_share(image: Image) -> float:
    """The share of pixels that are yellow, and not pale."""
    hsv = tf.image.rgb_to_hsv(image / 255).numpy()
    hue, saturation = hsv[..., 0], hsv[..., 1]
    return float(np.mean((hue > YELLOW[0]) & (hue < YELLOW[1]) & (saturation > SATURATED)))


def traced(stage: Manifest) -> dict[str, float]:
    """Seconds; how much the objective of the largest octave grew; the losses at the end and at their least."""
    trace = stage["trace"]
    told = {"seconds": stage["seconds"]}
    if "objective" in trace[0]:
        largest = [entry["objective"] for entry in trace if entry["octave"] == trace[-1]["octave"]]
        told["objective before its last step over the first"] = largest[-1] / largest[0]
    for loss in ("content", "style", "denoise"):
        if loss in trace[0]:
            values = [entry[loss] for entry in trace]
            told |= {f"{loss} last": values[-1], f"{loss} least": min(values)}
    return told


def dog_teller() -> Callable[[Image], dict[str, float]]:
    """What tells how likely a picture shows dogs: the mean over its 224 px crops, and their most."""
    tensors = load("googlenet", settings_in_force().weights)
    network = build_network("googlenet", tensors)
    kernel, bias = tensors["loss3/classifier/kernel"][0, 0], tensors["loss3/classifier/bias"]

    def probability(crop: Image) -> float:
        seen = network.activations(tf.constant(crop[None]), ("mixed5b",), "trained", "zeros")["mixed5b"]
        scores = tf.nn.softmax(tf.reduce_mean(seen, axis=(1, 2)) @ kernel + bias)
        return float(tf.reduce_sum(scores[0, DOGS]))

    def told(image: Image) -> dict[str, float]:
        found = [probability(crop) for crop in crops(image)]
        return {"dogs": float(np.mean(found)), "dogs at most": max(found)} if found else {}

    return told


def crops(image: Image) -> Iterator[NDArray[np.float32]]:
    """Every square that the network was trained to look at, a stride apart."""
    for top in range(0, image.shape[0] - SEEN_AT_ONCE + 1, STRIDE):
        for left in range(0, image.shape[1] - SEEN_AT_ONCE + 1, STRIDE):
            yield image[top : top + SEEN_AT_ONCE, left : left + SEEN_AT_ONCE]


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
