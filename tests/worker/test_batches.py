"""A job whose frames are painted in batches, by the real handlers, makes what it makes frame by frame."""

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shared.artifacts.store import ArtifactStore
from shared.images import image_key, take_in
from shared.jobs.status import JobStatus
from shared.plan.job import plan_job
from shared.plan.records import Plan, Stage, StageKind
from shared.plan.surroundings import Surroundings
from shared.results import public_name
from shared.spec.job import JobSpec
from tests.worker.scene import Scene
from tests.worker.tiny import tiny_network
from worker.bench.similarity import ssim
from worker.engine.image import noise
from worker.engine.networks import Network
from worker.local import LocalJob, artifacts_in, run_job
from worker.stages.animate import AnimateHandler
from worker.stages.dream import DreamHandler
from worker.stages.style import StyleHandler
from worker.work import StageHandler

SIZE = (40, 48)
FRAMES = [f"{folder}/{number:02d}-conv2_1.npy" for folder in ("frames", "styled") for number in range(3)]


class PocketShelf:
    """Has a network of two small random convolutions, under names of vgg16's."""

    network = tiny_network("vgg16", ("conv1_1", "conv2_1"))

    def take(self, name: str, *, mixed: bool) -> Network:
        """The network, whatever is asked for."""
        assert (name, mixed) == ("vgg16", True)
        return self.network


SHELF = PocketShelf()


def handlers(*, side_by_side: bool = False) -> Mapping[StageKind, StageHandler]:
    """Those of a worker, putting their work away after every unit."""
    return {
        StageKind.DREAM: DreamHandler(SHELF, 0.0),  # type: ignore[arg-type]
        StageKind.STYLE: StyleHandler(SHELF, 0.0, side_by_side=side_by_side),  # type: ignore[arg-type]
        StageKind.ANIMATE: AnimateHandler(0.0),
    }


def submission(artifacts: ArtifactStore, batch_size: int) -> tuple[JobSpec, Plan]:
    """Three frames, dreamed, painted, animated; the style image is taken in."""
    buffer = BytesIO()
    Image.fromarray(noise(SIZE, 9).astype(np.uint8)).save(buffer, "PNG")
    picture = take_in(buffer.getvalue(), 10**6)
    artifacts.put(image_key(picture.id), picture.png)
    layers = {"content_layers": ["conv2_1"], "style_layers": ["conv1_1", "conv2_1"]}
    style = {"images": [{"image": picture.id}], "iterations": 12, "start": 0.3, "batch_size": batch_size, **layers}
    dream = {"network": "vgg16", "layers": ["conv2_1"], "iterations": 2, "repeats": 0, "endless": {"frames": 3}}
    spec = JobSpec.model_validate(
        {"seed": 7, "source": {"noise": {"size": SIZE}}, "dream": dream, "style": style, "animation": {}}
    )
    return spec, plan_job(spec, Surroundings({picture.id: SIZE}))


def made(folder: Path, batch_size: int, *, side_by_side: bool = False) -> dict[str, bytes]:
    """What the job leaves in a folder, but for its manifest."""
    job = LocalJob(*submission(artifacts_in(folder), batch_size), folder, exact=True)
    run_job(job, handlers(side_by_side=side_by_side), silent)
    files = [path for path in folder.rglob("*") if path.is_file() and ".dreamqueue" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def silent(_stage: Stage, _share: float, _detail: str) -> None:
    pass


def run_all(scene: Scene, job_id: str, **changes: Any) -> None:
    """Run whatever is runnable until nothing is."""
    while runnable := scene.store.runnable(job_id):
        scene.runner(handlers=handlers(), **changes).run(job_id, runnable[0], "task")


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the job makes that paints every frame in a stage of its own."""
    return made(tmp_path_factory.mktemp("one-by-one"), batch_size=1)


def test_painted_in_turn_the_files_of_a_batch_are_those_of_separate_stages(
    tmp_path: Path, one_by_one: dict[str, bytes]
) -> None:
    # when
    batched = made(tmp_path, batch_size=2)

    # then
    assert set(batched) == set(one_by_one) >= {*FRAMES, "animation.gif", "manifest.json"}
    assert [batched[name] for name in FRAMES] == [one_by_one[name] for name in FRAMES]
    assert Image.open(BytesIO(batched["animation.gif"])).n_frames == 3  # type: ignore[attr-defined]
    stages = json.loads(batched["manifest.json"])["stages"]
    told = {stage["id"]: set(stage["artifacts"]) for stage in stages if stage["kind"] == "style"}
    assert [len(files) for files in told.values()] == [4, 2]
    assert set().union(*told.values()) == {name for name in batched if name.startswith("styled/")}


def test_painted_side_by_side_every_frame_is_the_same_picture(tmp_path: Path, one_by_one: dict[str, bytes]) -> None:
    # when
    batched = made(tmp_path, batch_size=3, side_by_side=True)

    # then
    for name in FRAMES:
        frame, alone = (np.load(BytesIO(files[name])) for files in (batched, one_by_one))
        assert ssim(frame, alone) > 0.999


def test_a_batch_that_is_paused_in_the_middle_goes_on_and_ends_in_the_same_bytes(
    scene: Scene, one_by_one: dict[str, bytes]
) -> None:
    # given
    job = scene.store.create(*submission(scene.artifacts, batch_size=2), owner="ada")[0]

    def pause_in_a_batch(text: str) -> None:
        if "frame 1/2" in text:
            scene.store.pause(job.id)

    # when
    run_all(scene, job.id, report=pause_in_a_batch)
    paused = scene.store.stage(job.id, "style-00")
    scene.store.resume(job.id)
    run_all(scene, job.id)

    # then
    assert (paused.status.value, paused.checkpoint is not None) == ("paused", True)
    assert 0 < paused.progress < 0.5
    assert scene.store.get(job.id).status is JobStatus.SUCCEEDED
    files = {
        public_name(job.plan.stage(stage.id), item.name): scene.artifacts.get(item.key)
        for stage in scene.store.stages(job.id)
        for item in stage.artifacts
    }
    assert [files[name] for name in FRAMES] == [one_by_one[name] for name in FRAMES]
    assert scene.leftovers() == []
