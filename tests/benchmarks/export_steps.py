"""Writes steps of the engine as StableHLO, with arguments and the CPU's results, for machines without TensorFlow."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tests.benchmarks.stablehlo import cleaned, operations
from tests.benchmarks.steps import STEPS, Step
from worker.engine.image import Size
from worker.engine.networks import build_network

SIZES = ["300x400", "768x1024"]


def main() -> None:
    """Export every step at every size, each into a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write")
    parser.add_argument("--weights", type=Path, required=True, help="the folder with the networks as .npz")
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="HEIGHTxWIDTH")
    parser.add_argument("--steps", type=int, default=5, help="steps in one call")
    asked = parser.parse_args()
    for kind, (network, make) in STEPS.items():
        with np.load(asked.weights / f"{network}.npz") as tensors:
            built = build_network(network, tensors)
        for named in asked.sizes:
            height, width = map(int, named.split("x"))
            written(asked.folder / f"{kind}-{named}", make(built, (height, width), asked.steps), (height, width))


def written(folder: Path, step: Step, size: Size) -> dict[str, Any]:
    """Write one step, and return its manifest."""
    text, arguments = exported(step)
    outputs = tf.nest.flatten(tf.function(step.function)(*step.arguments))
    measured = outputs[-1].numpy()
    manifest = {
        "size": size,
        "steps": len(measured),
        "operations_a_step": operations(text),
        "parameters": len(arguments),
    }
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "arguments.npz", *arguments)
    np.savez(folder / "expected.npz", picture=outputs[0].numpy(), measured=measured)
    (folder / "step.mlir").write_text(text)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return manifest


def exported(step: Step) -> tuple[str, list[np.ndarray]]:
    """The step as StableHLO in float32, and the arrays that it takes: its arguments, then the weights."""
    # To be off, as in the engine: only then is a product's precision written as the highest.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    # TensorFlow finds its device by a random number, which must have a seed where operations are deterministic.
    tf.random.set_seed(0)
    compiled: Any = tf.function(step.function, jit_compile=True)
    text = compiled.experimental_get_compiler_ir(*step.arguments)(stage="stablehlo", platform_name="CPU")
    weights = compiled.get_concrete_function(*step.arguments).captured_inputs
    return cleaned(text), [tensor.numpy() for tensor in (*tf.nest.flatten(step.arguments), *weights)]


if __name__ == "__main__":
    main()
