"""The estimate of the time that a job still takes."""

from typing import Any

import pytest

from api.eta import seconds_left
from shared.jobs.records import StageRecord
from shared.jobs.status import StageStatus
from shared.plan.job import plan_job
from shared.plan.records import Plan
from shared.plan.surroundings import Surroundings
from shared.spec.job import JobSpec


@pytest.fixture
def plan() -> Plan:
    """Two dreams of equal cost and an animation."""
    data = {"source": {"solid": {"size": [100, 100]}}, "dream": {"network": "vgg16", "layers": [7, 8]}, "animation": {}}
    return plan_job(JobSpec.model_validate({**data, "seed": 1}), Surroundings())


def test_nothing_is_told_before_anything_ran(plan: Plan) -> None:
    assert seconds_left(plan, records(plan)) is None


def test_the_rest_takes_as_long_as_the_same_work_took(plan: Plan) -> None:
    half = {"status": StageStatus.RUNNING, "progress": 0.5, "seconds": 20.0}

    left = seconds_left(plan, records(plan, **{"dream-00": half}))

    animation = plan.stage("animate").work * 20 / (plan.stage("dream-00").work / 2)
    assert left == pytest.approx(20 + 40 + animation, abs=0.1)


def test_two_stages_at_once_take_half_the_time(plan: Plan) -> None:
    half = {"status": StageStatus.RUNNING, "progress": 0.5, "seconds": 20.0}

    one = seconds_left(plan, records(plan, **{"dream-00": half, "dream-01": {**half, "status": StageStatus.QUEUED}}))
    two = seconds_left(plan, records(plan, **{"dream-00": half, "dream-01": half}))

    assert one is not None
    assert two == pytest.approx(one / 2, abs=0.1)


def test_a_reused_stage_says_nothing_about_the_speed(plan: Plan) -> None:
    found = {"status": StageStatus.REUSED, "progress": 1.0, "seconds": 0.001}

    assert seconds_left(plan, records(plan, **{"dream-00": found})) is None


def records(plan: Plan, **changes: dict[str, Any]) -> list[StageRecord]:
    return [
        StageRecord(
            **{
                "id": stage.id,
                "kind": stage.kind,
                "label": stage.label,
                "index": stage.index,
                "needs": stage.needs,
                "key": stage.key,
                "status": StageStatus.QUEUED,
                **changes.get(stage.id, {}),
            }
        )
        for stage in plan.stages
    ]
