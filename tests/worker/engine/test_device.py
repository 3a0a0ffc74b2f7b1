"""A prepared device gives the same bytes in every process."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import hashlib
import numpy as np
from worker.engine.device import configure_device
configure_device()
from worker.engine.computation import carry_out
from worker.engine.dream import Dream
from worker.engine.dream_settings import DreamedLayer, DreamSettings
from worker.engine.image import noise
from worker.engine.networks import build_network
from worker.engine.networks.vgg16 import BLOCKS
from worker.engine.style import Style
from worker.engine.style_settings import StyleSettings
draws, tensors, before = np.random.default_rng(1), {}, 3
for block, (channels, count) in enumerate(BLOCKS, 1):
    for index in range(1, count + 1):
        name = f"block{block}_conv{index}"
        deviation = (2 / (9 * before)) ** 0.5
        tensors[name + "/kernel"] = draws.normal(0, deviation, (3, 3, before, channels)).astype(np.float32)
        tensors[name + "/bias"], before = np.zeros(channels, np.float32), channels
network = build_network("vgg16", tensors)
settings = DreamSettings((DreamedLayer("conv3_1"),), iterations=2, repeats=1)
dreamed = carry_out(Dream(network, settings, noise((40, 56), 2), 3)).image
painted = carry_out(Style(network, StyleSettings(iterations=2), dreamed, [(noise((32, 32), 5), 1.0)], 0)).image
print(hashlib.sha256(dreamed.tobytes() + painted.tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_two_processes_compute_the_same_bytes() -> None:
    # when
    digests = {
        subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, check=True, text=True).stdout
        for _ in range(2)
    }

    # then
    assert len(digests) == 1
    assert len(digests.pop().strip()) == hashlib.sha256().digest_size * 2
