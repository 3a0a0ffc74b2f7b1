"""A process tells which kernels it computes with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import json
from worker.engine.device import configure_device
configure_device(threads=3)
from worker.engine.kernels import kernels_in_use
print(json.dumps(kernels_in_use("mixed")))
"""


@pytest.mark.slow
def test_what_the_environment_asks_of_the_kernels_is_told() -> None:
    # given
    asked = {"TF_ENABLE_ONEDNN_OPTS": "1", "ONEDNN_MAX_CPU_ISA": "SSE41", "CUDA_VISIBLE_DEVICES": "-1"}

    # when
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=os.environ | asked, capture_output=True, check=True, text=True
    )
    told = json.loads(done.stdout)

    # then
    assert (told["device"], told["precision"], told["threads"]) == ("cpu", "mixed", "3")
    assert told["onednn"] == "on ONEDNN_MAX_CPU_ISA=SSE41"
    assert told["tensorflow"].startswith("2.")
