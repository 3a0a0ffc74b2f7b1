"""Random mixes of faults over a job: every stage is committed once, and the animation has the bytes of a calm run.

CI runs five seeds and `make faults` twenty; `FAULT_SEEDS=12 pytest tests/faults/test_mix.py` plays one again.
"""

import os

import pytest

from shared.artifacts.directory import DirectoryStore
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus
from shared.plan.records import StageKind
from tests.conftest import Figure
from tests.counting import CountingHandler, counting_plan, counting_spec
from tests.faults.mix import UNITS, Stricken, drawn
from tests.service import Service
from tests.valkey import Valkey
from worker.local import LocalJob, run_job

pytestmark = pytest.mark.slow

SEEDS = tuple(int(seed) for seed in os.environ.get("FAULT_SEEDS", "1 2 3 4 5").split())
END_SECONDS = 120.0


@pytest.fixture
def stricken(service: Service, valkey: Valkey) -> Stricken:
    return Stricken(service, valkey)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The animation of the same job, carried out here without queue or fault."""
    spec = counting_spec()
    job = LocalJob(spec, counting_plan(spec), tmp_path_factory.mktemp("calm"))
    run_job(job, dict.fromkeys(StageKind, CountingHandler(UNITS)), lambda _stage, _share, _detail: None)
    return (job.folder / "animation.gif").read_bytes()


def animation_of(service: Service, job: JobRecord) -> bytes:
    (animation,) = service.store.stage(job.id, "animate").artifacts
    return DirectoryStore(service.folder / "artifacts").get(animation.key)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_job_under_a_mix_of_faults_ends_in_the_bytes_of_a_calm_run(
    service: Service, stricken: Stricken, calm: bytes, figure: Figure, seed: int
) -> None:
    stricken.start()

    job = service.submit()
    stricken.suffer(drawn(seed), job.id)
    ended = service.wait_for(job.id, END_SECONDS)

    assert ended.status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}
    assert animation_of(service, ended) == calm
    figure("units done twice", len(service.journal) - UNITS * ended.stages_total, len(stricken.timeline))
