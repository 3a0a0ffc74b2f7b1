"""Plans specs as tests need them: an uploaded picture, and what the test changes."""

from typing import Any

from shared.equipment import Equipment
from shared.plan.job import plan_job
from shared.plan.parameters import DreamParameters
from shared.plan.records import Plan
from shared.plan.surroundings import Surroundings
from shared.spec.job import JobSpec

STYLE = "sha256:" + "a" * 64
SOURCE = "sha256:" + "b" * 64
HERE = Surroundings(image_sizes={SOURCE: (300, 451), STYLE: (400, 600)}, equipment=Equipment(("vgg16",)))


def plan(seed: int = 7, around: Surroundings = HERE, **changes: Any) -> Plan:
    """A dream on the picture, unless the test says else."""
    spec = {"seed": seed, "source": {"image": SOURCE}, "dream": {"network": "googlenet"}, **changes}
    return plan_job(JobSpec.model_validate(spec), around)


def dreams(made: Plan) -> list[DreamParameters]:
    """What its dream stages are to do."""
    return [stage.parameters for stage in made.stages if isinstance(stage.parameters, DreamParameters)]
