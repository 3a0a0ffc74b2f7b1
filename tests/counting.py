"""Stages that only count: the smallest work that has units, checkpoints and bytes that depend on all before."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.plan.job import plan_job
from shared.plan.records import Plan, Stage, StageKind
from shared.plan.surroundings import Surroundings
from shared.results import SurveyedLayer, frame_name
from shared.spec.job import JobSpec
from worker.results import read_artifact
from worker.work import StageContext

STYLE_IMAGE = "sha256:" + 64 * "5"
COMPLAINT = "this stage does not feel well"
"""Logged by a sick stage before it shows what is wrong with it."""


def counting_spec(*layers: int, seed: int = 7, name: str = "", batch_size: int = 1) -> JobSpec:
    """A chain of layers, a style on each frame and an animation."""
    return JobSpec.model_validate(
        {
            "name": name,
            "seed": seed,
            "source": {"noise": {"size": [64, 64]}},
            "dream": {"network": "vgg16", "layers": list(layers or (4, 5)), "iterations": 1},
            "style": {"images": [{"image": STYLE_IMAGE}], "iterations": 1, "batch_size": batch_size},
            "animation": {},
        }
    )


def counting_plan(spec: JobSpec) -> Plan:
    return plan_job(spec, Surroundings(image_sizes={STYLE_IMAGE: (64, 64)}))


def files_of(stage: Stage) -> tuple[str, ...]:
    """The names of the files that a stage makes."""
    if stage.kind is StageKind.ANIMATE:
        return ("animation.gif",)
    return tuple(frame_name(number, ending) for number in stage.frames for ending in ("npy", "png"))


@dataclass(frozen=True)
class CountingHandler:
    """Opens work of so many units; `on_unit` is told the stage and the unit before each, and may raise."""

    units: int = 4
    on_unit: Callable[[str, int], None] = lambda _stage, _unit: None

    def open(self, context: StageContext) -> "CountingWork":
        """The work of the stage."""
        return CountingWork(self, context)


class CountingWork:
    """Each unit hashes what the one before has left."""

    def __init__(self, handler: CountingHandler, context: StageContext) -> None:
        self._handler = handler
        self._context = context
        self._done = 0
        needed = [item for item in context.stage.inputs if item.stage is not None]
        read = b"".join(
            read_artifact(context.artifacts, context.plan.stage(item.stage or ""), frame_name(item.frame, "npy"))
            for item in needed
        )
        self._value = hashlib.sha256(context.stage.key.encode() + read).hexdigest()

    @property
    def finished(self) -> bool:
        """Whether all units are counted."""
        return self._done >= self._handler.units

    @property
    def progress(self) -> float:
        """Share of the units counted."""
        return self._done / self._handler.units

    @property
    def detail(self) -> str:
        """The unit that is next."""
        return f"{self._context.stage.label} | unit {self._done}/{self._handler.units}"

    @property
    def trace(self) -> tuple[dict[str, float], ...]:
        """One entry."""
        return ({"units": float(self._done)},)

    @property
    def survey(self) -> Mapping[str, SurveyedLayer]:
        """One layer."""
        return {self._context.stage.label: SurveyedLayer(strength=1.0, channels=(3, 5))}

    @property
    def kernels(self) -> Mapping[str, str]:
        """An abacus."""
        return {"device": "abacus"}

    def restore(self, checkpoint: bytes) -> None:
        """Go on from a checkpoint."""
        state = json.loads(checkpoint)
        self._done, self._value = state["done"], state["value"]

    def advance(self) -> None:
        """Count one unit."""
        self._handler.on_unit(self._context.stage.id, self._done)
        self._value = hashlib.sha256(f"{self._value}{self._done}".encode()).hexdigest()
        self._done += 1

    def checkpoint(self) -> bytes:
        """Where the count stands."""
        return json.dumps({"done": self._done, "value": self._value}).encode()

    def preview(self) -> bytes | None:
        """No picture, but bytes."""
        return f"preview {self._value}".encode()

    def artifacts(self) -> Mapping[str, bytes]:
        """The files of the kind, each telling the count."""
        return {name: f"{name} {self._value}".encode() for name in files_of(self._context.stage)}
