"""Reading the pictures that a stage needs."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shared.artifacts.directory import DirectoryStore
from shared.errors import ArtifactCorruptError
from shared.images import image_key, take_in
from shared.plan.job import plan_job
from shared.plan.records import StageInput
from shared.plan.surroundings import Surroundings, frame_size
from shared.results import StageResult, result_folder
from shared.spec.dream import Motion
from shared.spec.job import JobSpec
from shared.spec.source import Source
from worker.engine.image import Image as Frame
from worker.results import keep_artifacts, keep_result
from worker.stages.inputs import packed_frame, read_input, unpacked_frame
from worker.work import StageContext

PIXELS = 10**6


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "artifacts")


def uploaded(store: DirectoryStore, folder: Path, size: tuple[int, int]) -> str:
    Image.effect_noise(size, 60).save(folder / "picture.png")
    picture = take_in((folder / "picture.png").read_bytes(), PIXELS)
    store.put(image_key(picture.id), picture.png)
    return picture.id


def context(store: DirectoryStore, image: str, size: tuple[int, int], max_size: int | None) -> StageContext:
    spec = JobSpec.model_validate(
        {"seed": 1, "max_size": max_size, "source": {"image": image}, "dream": {"network": "vgg16", "layers": [4, 5]}}
    )
    plan = plan_job(spec, Surroundings({image: size}))
    return StageContext(plan.stages[0], plan, store)


def finish(here: StageContext, frame: Frame) -> None:
    """Leave behind what the stage would: this frame, and the result that names it."""
    kept = keep_artifacts(here.artifacts, here.stage, {"frame.npy": packed_frame(frame)})
    made = StageResult(key=here.stage.key, kind=here.stage.kind, seconds=1, trace=(), artifacts=kept, made_by={})
    keep_result(here.artifacts, made)


def flip_last_bit(store: DirectoryStore, key: str) -> bytes:
    """Damage a file as an ageing disk would; returns what it holds now."""
    data = store.get(key)
    store.put(key, data[:-1] + bytes([data[-1] ^ 1]))
    return store.get(key)


@pytest.mark.parametrize("max_size", [None, 55, 61, 97, 500])
def test_a_frame_has_the_size_that_the_plan_announced(
    store: DirectoryStore, tmp_path: Path, max_size: int | None
) -> None:
    image = uploaded(store, tmp_path, (151, 90))
    here = context(store, image, (90, 151), max_size)
    (source,) = here.stage.inputs

    read = read_input(here, source)

    assert read.shape[:2] == here.plan.size
    assert read.dtype == np.float32


def test_noise_is_drawn_by_the_jobs_seed(store: DirectoryStore) -> None:
    spec = {"source": {"noise": {"size": [40, 50]}}, "dream": {"network": "vgg16", "layers": [4]}}
    plans = [plan_job(JobSpec.model_validate({**spec, "seed": seed}), Surroundings()) for seed in (1, 1, 2)]

    first, again, other = (read_input(StageContext(p.stages[0], p, store), p.stages[0].inputs[0]) for p in plans)

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_solid_source_has_one_colour(store: DirectoryStore, tmp_path: Path) -> None:
    here = context(store, uploaded(store, tmp_path, (64, 64)), (64, 64), None)

    read = read_input(here, StageInput(source=Source.model_validate({"solid": {"color": "white", "size": [3, 4]}})))

    assert read.shape == (3, 4, 3)
    assert (read == 255).all()


def test_the_exact_frame_travels_between_stages(store: DirectoryStore, tmp_path: Path) -> None:
    here = context(store, uploaded(store, tmp_path, (64, 64)), (64, 64), None)
    frame = np.random.default_rng(1).normal(128, 90, (64, 64, 3)).astype(np.float32)
    finish(here, frame)

    read = read_input(here, here.plan.stages[1].inputs[0])

    assert read.tobytes() == frame.tobytes()


def test_a_frame_is_moved_for_the_next_of_an_endless_dream(store: DirectoryStore, tmp_path: Path) -> None:
    here = context(store, uploaded(store, tmp_path, (64, 64)), (64, 64), None)
    frame = np.random.default_rng(1).normal(128, 90, (64, 64, 3)).astype(np.float32)
    finish(here, frame)

    read = read_input(here, StageInput(stage="dream-00", motion=Motion(zoom=1.0, shift=(5.0, 0.0))))

    np.testing.assert_allclose(read[5:], frame[:-5], atol=1e-3)
    np.testing.assert_allclose(read[:5], frame[4::-1], atol=1e-3)


def test_a_frame_with_one_flipped_bit_is_set_aside_not_used(store: DirectoryStore, tmp_path: Path) -> None:
    here = context(store, uploaded(store, tmp_path, (64, 64)), (64, 64), None)
    finish(here, np.full((64, 64, 3), 128, np.float32))
    key = result_folder(here.plan.stages[0].key) + "frame.npy"
    damaged = flip_last_bit(store, key)

    with pytest.raises(ArtifactCorruptError, match=r"frame\.npy is damaged: expected sha256 \w{64}, found \w{64} in"):
        read_input(here, here.plan.stages[1].inputs[0])

    assert unpacked_frame(damaged, "dream-00").shape == (64, 64, 3)
    assert store.size(key) is None
    assert store.get(f"quarantine/{key}") == damaged


def test_an_uploaded_picture_with_one_flipped_bit_is_set_aside_and_can_be_handed_in_again(
    store: DirectoryStore, tmp_path: Path
) -> None:
    image = uploaded(store, tmp_path, (64, 64))
    here = context(store, image, (64, 64), None)
    damaged = flip_last_bit(store, image_key(image))

    with pytest.raises(ArtifactCorruptError, match=r"images/.*png is damaged"):
        read_input(here, here.stage.inputs[0])

    assert store.size(image_key(image)) is None
    assert store.get(f"quarantine/{image_key(image)}") == damaged


def test_a_frame_that_cannot_be_read_is_corrupt_not_a_crash() -> None:
    with pytest.raises(ArtifactCorruptError, match="the frame of dream-00 cannot be read"):
        unpacked_frame(b"half a file", "dream-00")


def test_a_classic_style_image_is_enlarged_as_the_original_did(store: DirectoryStore, tmp_path: Path) -> None:
    image = uploaded(store, tmp_path, (60, 40))
    here = context(store, image, (40, 60), None)

    read = read_input(here, StageInput(source=Source(image=image), max_size=300, classic=True))

    assert read.shape == (200, 300, 3)
    assert frame_size(JobSpec.model_validate({"source": {"image": image}, "dream": {}}), {image: (40, 60)}) == (40, 60)


def test_a_style_image_of_a_scale_is_enlarged_in_floating_point(store: DirectoryStore, tmp_path: Path) -> None:
    image = uploaded(store, tmp_path, (60, 40))
    here = context(store, image, (40, 60), None)

    read, left = (
        read_input(here, StageInput(source=Source(image=image), max_size=90, enlarge=enlarge))
        for enlarge in (True, False)
    )

    assert (read.shape, left.shape) == ((60, 90, 3), (40, 60, 3))
