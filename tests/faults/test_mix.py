"""Random mixes of faults over a job: every stage is committed once, and the animation has the bytes of a calm run.

CI runs five seeds and `make faults` twenty; `FAULT_SEEDS=12 pytest tests/faults/test_mix.py` plays one again.
"""

import os

import pytest

from shared.artifacts.directory import DirectoryStore
from shared.jobs.records import JobRecord
from shared.jobs.status import JobStatus
from tests.faults.conftest import Figure
from tests.faults.mix import WORK, Stricken, drawn
from tests.service import Service
from tests.valkey import Valkey

SEEDS = tuple(int(seed) for seed in os.environ.get("FAULT_SEEDS", "1 2 3 4 5").split())
END_SECONDS = 120.0


@pytest.fixture
def stricken(service: Service, valkey: Valkey) -> Stricken:
    return Stricken(service, valkey)


def animation_of(service: Service, job: JobRecord) -> bytes:
    (animation,) = service.store.stage(job.id, "animate").artifacts
    return DirectoryStore(service.folder / "artifacts").get(animation.key)


def forget_results(service: Service) -> None:
    """Remove what a job has made, so that the next makes it itself."""
    store = DirectoryStore(service.folder / "artifacts")
    for key in list(store.keys("stages")):
        store.delete(key)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_job_under_a_mix_of_faults_ends_in_the_bytes_of_a_calm_run(
    service: Service, stricken: Stricken, figure: Figure, seed: int
) -> None:
    stricken.start()
    calm = service.submit()
    service.wait_for(calm.id)
    expected = animation_of(service, calm)
    forget_results(service)
    units = len(service.journal)

    job = service.submit()
    stricken.suffer(drawn(seed))
    ended = service.wait_for(job.id, END_SECONDS)

    assert ended.status is JobStatus.SUCCEEDED
    assert set(service.counted(job.id, "commits").values()) == {1}
    assert animation_of(service, ended) == expected
    planned = len(ended.plan.stages) * int(WORK["COUNTING_UNITS"])
    figure("units done twice", len(service.journal) - units - planned, len(stricken.timeline))
