"""Describes a finished stage's result, with who made it, for whoever wants to make it again."""

import platform
from collections.abc import Sequence
from importlib.metadata import version

from PIL import features

from shared.jobs.records import ArtifactRef
from shared.plan.keys import ENGINE_EPOCH
from shared.plan.records import Stage
from shared.results import StageResult
from worker.engine.processor import processor_name
from worker.work import StageWork


def stage_result(stage: Stage, work: StageWork, kept: Sequence[ArtifactRef], seconds: float) -> StageResult:
    """The result of work that is done.

    Args:
        stage: whose result it is.
        work: what made it.
        kept: its files, in place.
        seconds: worked on it, all attempts.
    """
    return StageResult(
        key=stage.key,
        kind=stage.kind,
        seconds=round(seconds, 3),
        trace=work.trace,
        survey=dict(work.survey),
        artifacts=tuple(kept),
        made_by={**made_by(), **work.kernels},
    )


def made_by() -> dict[str, str]:
    """The versions and the machine behind a result: on others the last digits may differ."""
    return {
        "dreamqueue": version("dreamqueue"),
        "engine_epoch": str(ENGINE_EPOCH),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": processor_name(),
        "numpy": version("numpy"),
        "pillow": version("pillow"),
        # The same picture has other bytes as PNG where another zlib packs it.
        "zlib": str(features.version("zlib")),
    }
