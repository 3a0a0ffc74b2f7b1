"""Artifact stores that are away for a while: waited for where a stage cannot do without, and nowhere else."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.artifacts.directory import DirectoryStore
from shared.errors import ArtifactStoreError
from shared.jobs.status import JobStatus, StageStatus
from shared.settings import ArtifactSettings, Settings
from tests.worker.scene import UNITS, Scene, at_unit
from worker.draining import Draining


@dataclass
class Outages:
    """How many times each verb is still refused, by the folder of the key."""

    left: dict[tuple[str, str], int] = field(default_factory=dict)

    def meet(self, verb: str, key: str) -> None:
        """Refuse, if this one's time has not come yet."""
        kind = (verb, key.partition("/")[0])
        if self.left.get(kind, 0) > 0:
            self.left[kind] -= 1
            raise ArtifactStoreError(f"cannot {verb} {key}: the store is away")


class AwayStore(DirectoryStore):
    """A folder that comes and goes."""

    def __init__(self, root: Path, outages: Outages) -> None:
        super().__init__(root)
        self._outages = outages

    def put(self, key: str, data: bytes) -> None:
        """Write, unless it is away."""
        self._outages.meet("write", key)
        super().put(key, data)

    def get(self, key: str) -> bytes:
        """Read, unless it is away."""
        self._outages.meet("read", key)
        return super().get(key)


@pytest.fixture
def outages() -> Outages:
    return Outages()


@pytest.fixture
def away(scene: Scene, outages: Outages) -> Scene:
    scene.artifacts = AwayStore(scene.artifacts.root, outages)
    return scene


@pytest.mark.parametrize("verb", ["read", "write"])
def test_an_outage_shorter_than_the_patience_costs_no_attempt_and_no_work(
    away: Scene, undisturbed: dict[str, bytes], outages: Outages, verb: str
) -> None:
    job = away.submit()

    for stage_id in [stage.id for stage in job.plan.stages]:
        outages.left = {(verb, "stages"): 3}
        away.runner().run(job.id, stage_id, "task")

    done = away.store.get(job.id)
    assert done.status is JobStatus.SUCCEEDED
    assert away.result_bytes(job.id) == undisturbed
    assert {stage.attempts for stage in away.store.stages(job.id)} == {1}
    assert len(away.units) == UNITS * done.stages_total


def test_nobody_waits_for_a_checkpoint(away: Scene, undisturbed: dict[str, bytes], outages: Outages) -> None:
    job = away.submit()
    outages.left = {("write", "checkpoints"): 10**9, ("write", "previews"): 10**9}

    away.run_all(job.id)

    assert away.result_bytes(job.id) == undisturbed
    assert away.leftovers() == []


def test_an_outage_longer_than_the_patience_costs_an_attempt_but_no_finished_unit(
    away: Scene, undisturbed: dict[str, bytes], outages: Outages
) -> None:
    job = away.submit()
    away.settings = Settings(
        redis=away.settings.redis, lease=away.settings.lease, artifacts=ArtifactSettings(patience_seconds=0)
    )
    outages.left = {("write", "stages"): 1}

    with pytest.raises(ArtifactStoreError, match="the store is away"):
        away.runner().run(job.id, "dream-00", "task")
    away.run_all(job.id)

    assert away.result_bytes(job.id) == undisturbed
    assert away.store.stage(job.id, "dream-00").attempts == 2
    assert [unit for stage, unit in away.units if stage == "dream-00"] == [*range(UNITS), UNITS - 1]


def test_a_worker_that_drains_gives_back_what_it_cannot_keep_and_that_costs_no_attempt(
    away: Scene, undisturbed: dict[str, bytes], outages: Outages
) -> None:
    job = away.submit()
    outages.left = {("write", "stages"): 1}
    away.on_unit = at_unit(UNITS - 1, away.draining.ask_worker)

    away.runner().run(job.id, "dream-00", "task")
    stage = away.store.stage(job.id, "dream-00")
    away.draining = Draining()
    away.on_unit = lambda _stage, _unit: None
    away.run_all(job.id)

    assert (stage.status, stage.attempts, stage.failure) == (StageStatus.QUEUED, 0, None)
    assert away.rung[0] == "dream-00"
    assert away.result_bytes(job.id) == undisturbed


def test_while_the_store_is_away_the_lease_is_kept(away: Scene, outages: Outages) -> None:
    job = away.submit()
    outages.left = {("read", "stages"): 15}

    away.runner().run(job.id, "dream-00", "task")

    assert away.store.stage(job.id, "dream-00").attempts == 1
    assert away.store.runnable(job.id) == ("dream-01", "style-00")
