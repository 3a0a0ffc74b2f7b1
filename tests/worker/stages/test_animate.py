"""The animate stage: frames from the artifact store, joined unit by unit."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from shared.artifacts.directory import DirectoryStore
from shared.leases import Lease
from shared.plan.job import plan_job
from shared.plan.records import Plan
from shared.plan.surroundings import Surroundings
from shared.results import StageResult
from shared.spec.job import JobSpec
from tests.worker.engine.moving import clouds
from worker.engine.errors import EncoderMissingError
from worker.results import MEDIA_TYPES, keep_artifacts, keep_result
from worker.stages.animate import AnimateHandler, AnimateWork
from worker.stages.inputs import packed_frame
from worker.verdict import verdict
from worker.work import StageContext

A_PICTURE_A_UNIT = 0.0
LAYERS = 3


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path)


def dreamed(store: DirectoryStore, **animation: Any) -> Plan:
    """A plan whose frames lie in the store."""
    size = (48, 64)
    data = {
        "seed": 1,
        "source": {"solid": {"size": size}},
        "dream": {"network": "vgg16", "layers": list(range(4, 4 + LAYERS))},
        "animation": animation,
    }
    plan = plan_job(JobSpec.model_validate(data), Surroundings())
    for stage, frame in zip(plan.stages, clouds(LAYERS, size), strict=False):
        kept = keep_artifacts(store, stage, {"frame.npy": packed_frame(frame)})
        keep_result(store, StageResult(key=stage.key, kind=stage.kind, seconds=1, trace=(), artifacts=kept, made_by={}))
    return plan


def work(store: DirectoryStore, plan: Plan) -> AnimateWork:
    return AnimateHandler(A_PICTURE_A_UNIT).open(StageContext(plan.stage("animate"), plan, store))


@pytest.mark.parametrize("container", ["gif", "webp", "apng", "mp4"])
def test_every_format_becomes_one_file_with_its_media_type(store: DirectoryStore, container: str) -> None:
    # given
    joining = work(store, dreamed(store, format=container))

    # when
    while not joining.finished:
        joining.advance()

    # then
    ((name, data),) = joining.artifacts().items()
    assert name == f"animation.{container}"
    assert MEDIA_TYPES[container].endswith(f"/{container}")
    assert len(data) > 500


@pytest.mark.parametrize("animation", [{"crossfade": 2, "palette": "global"}, {"format": "apng", "bounce": True}])
def test_taken_up_by_another_worker_after_every_unit_it_ends_in_the_same_bytes(
    store: DirectoryStore, animation: dict[str, Any]
) -> None:
    # given
    plan = dreamed(store, **animation)
    alone = work(store, plan)
    while not alone.finished:
        alone.advance()

    # when
    shared = work(store, plan)
    units = 0
    while not shared.finished:
        checkpoint, shared = shared.checkpoint(), work(store, plan)
        shared.restore(checkpoint)
        shared.advance()
        units += 1

    # then
    assert units > LAYERS
    assert shared.artifacts() == alone.artifacts()


def test_a_gif_carries_the_recipe_of_its_stage(store: DirectoryStore) -> None:
    # given
    plan = dreamed(store)
    joining = work(store, plan)

    # when
    while not joining.finished:
        joining.advance()

    # then
    gif: Any = Image.open(io.BytesIO(joining.artifacts()["animation.gif"]))
    assert plan.stage("animate").key in gif.info["comment"].decode()
    assert gif.n_frames == LAYERS


def test_an_mp4_without_its_extra_fails_for_good_with_what_to_install(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    plan = dreamed(store, format="mp4")
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)

    # when
    with pytest.raises(EncoderMissingError) as refused:
        work(store, plan)

    # then
    found = verdict(refused.value, Lease("job_a", "animate", token=1, attempt=1), "cpu0@here", ())
    assert not found.retry
    assert found.failure is not None
    assert found.failure.code == "encoder_missing"
    assert "pip install '.[video]'" in found.failure.message
