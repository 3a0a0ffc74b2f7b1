"""Stage keys: the same work has the same key, wherever and for whomever it is done."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from shared.networks import NETWORKS
from shared.plan.parameters import AnimateParameters, StageParameters
from shared.plan.records import StageInput

ENGINE_EPOCH = 3
"""Raised whenever the engine makes other bytes of the same parameters; older results are then not taken up."""


def stage_key(parameters: StageParameters, inputs: Sequence[StageInput], keys: Mapping[str, str]) -> str:
    """The sha256 of everything that a stage's result depends on.

    `keys` has those of the stages named in `inputs`; they stand for the ids, which differ between jobs.
    """
    weights = None if isinstance(parameters, AnimateParameters) else NETWORKS[parameters.network].identity
    described = {
        "epoch": ENGINE_EPOCH,
        "parameters": parameters.model_dump(mode="json"),
        "inputs": [
            {**item.model_dump(mode="json"), "stage": keys[item.stage] if item.stage is not None else None}
            for item in inputs
        ],
        "weights": weights,
    }
    text = json.dumps(described, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
