"""A stage whose work is one computation of the engine and whose result is its frames."""

import io
import json
import time
from collections.abc import Mapping
from typing import Any, Generic

import numpy as np

from shared.plan.keys import ENGINE_EPOCH
from shared.plan.records import Stage
from shared.results import SurveyedLayer, frame_name
from worker.engine.computation import Computation, State
from worker.engine.image import encode_png
from worker.engine.kernels import kernels_in_use
from worker.engine.precision import Precision
from worker.stages.inputs import packed_frame

# Nobody keeps a preview: a few more bytes cost less than the third of the time that it would take to save them.
PREVIEW_EFFORT = 1


class ComputedWork(Generic[State]):
    """Units of about `unit_seconds`, so that a checkpoint costs little and a lost worker loses little.

    Where a unit ends never shows in the result: a computation is a pure function of its state.
    """

    def __init__(
        self, computation: Computation[State], stage: Stage, unit_seconds: float, precision: Precision
    ) -> None:
        self._computation = computation
        self._stage = stage
        self._unit_seconds = unit_seconds
        self._precision: Precision = precision
        self._reached: State | None = None

    @property
    def finished(self) -> bool:
        """Whether all steps are made."""
        return self._computation.finished(self._state)

    @property
    def progress(self) -> float:
        """Share of the steps made."""
        progress = self._computation.progress(self._state)
        return progress.steps_done / max(1, progress.steps_total)

    @property
    def detail(self) -> str:
        """The layer, with the level it is at."""
        return self._computation.progress(self._state).detail

    @property
    def trace(self) -> tuple[dict[str, float], ...]:
        """Objective or losses, one entry a step."""
        return self._computation.result(self._state).trace

    @property
    def survey(self) -> Mapping[str, SurveyedLayer]:
        """What the start picture told, by layer."""
        told = self._computation.result(self._state).survey
        return {layer: SurveyedLayer(strength=seen.strength, channels=seen.channels) for layer, seen in told.items()}

    @property
    def kernels(self) -> Mapping[str, str]:
        """The kernels of this process; those of earlier attempts may have been others."""
        return kernels_in_use(self._precision)

    def restore(self, checkpoint: bytes) -> None:
        """Take up the state that was put away."""
        with np.load(io.BytesIO(checkpoint), allow_pickle=False) as arrays:
            self._reached = self._computation.unpack(dict(arrays))

    def advance(self) -> None:
        """Make steps until the unit's time is up or the last step is made."""
        end = time.monotonic() + self._unit_seconds
        while not self.finished:
            self._reached = self._computation.advance(self._state)
            if time.monotonic() >= end:
                return

    def checkpoint(self) -> bytes:
        """The state's arrays."""
        buffer = io.BytesIO()
        arrays: dict[str, Any] = dict(self._computation.pack(self._state))
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    def preview(self) -> bytes:
        """The picture as it stands."""
        return encode_png(self._computation.preview(self._state), effort=PREVIEW_EFFORT)

    def artifacts(self) -> Mapping[str, bytes]:
        """Of every frame, the exact one that travels on, and the picture that people look at."""
        files: dict[str, bytes] = {}
        images = self._computation.result(self._state).images
        for number, image in zip(self._stage.frames, images, strict=True):
            files[frame_name(number, "npy")] = packed_frame(image)
            files[frame_name(number, "png")] = encode_png(image, {"dreamqueue": recipe(self._stage, number)})
        return files

    @property
    def _state(self) -> State:
        # What is taken up from a checkpoint never begins, which may cost as much as a unit.
        if self._reached is None:
            self._reached = self._computation.begin()
        return self._reached


def recipe(stage: Stage, frame: int | None = None) -> str:
    """What a picture tells of its own making, and which it is of several."""
    described = {
        "stage": stage.key,
        "parameters": stage.parameters.model_dump(mode="json"),
        "inputs": [item.model_dump(mode="json", exclude_none=True) for item in stage.inputs],
        "engine_epoch": ENGINE_EPOCH,
    }
    own = {} if frame is None else {"frame": frame}
    return json.dumps(described | own, sort_keys=True)
