"""Making a local job of a spec's file."""

import sys
from pathlib import Path

import pytest
from PIL import Image

from shared.errors import SpecError, TooLargeError
from shared.presets.catalogue import preset_of
from shared.settings import ApiSettings, Settings, WorkerSettings
from worker.intake import local_job

SPEC = """
seed: 3
source: {image: picture.png}
max_size: 64
dream: {network: vgg16, layers: [4]}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    Image.new("RGB", (96, 64), "teal").save(tmp_path / "picture.png")
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC)
    return path


def test_pictures_beside_the_spec_are_taken_in(spec: Path, tmp_path: Path) -> None:
    job = local_job(spec, (), tmp_path / "out", Settings(), exact=False)

    assert job.plan.size == (43, 64)
    assert (job.spec.source.image or "").startswith("sha256:")


def test_a_preset_is_a_spec_like_any_other(tmp_path: Path) -> None:
    job = local_job(preset_of("figure-10").path, ("max_size=64",), tmp_path / "out", Settings(), exact=False)

    assert (job.plan.size, job.spec.seed) == ((43, 64), 2018)


def test_a_guide_beside_the_spec_is_taken_in_too(spec: Path, tmp_path: Path) -> None:
    guide = "dream: {network: vgg16, layers: [4], objective: guide, guide: {image: picture.png}}"
    spec.write_text(SPEC.replace("dream: {network: vgg16, layers: [4]}", guide))

    job = local_job(spec, (), tmp_path / "out", Settings(), exact=False)

    assert len(job.plan.stages[0].inputs) == 2
    assert job.spec.image_ids == (job.spec.source.image,)


def test_a_job_without_a_seed_is_given_one(spec: Path, tmp_path: Path) -> None:
    spec.write_text(SPEC.replace("seed: 3", ""))

    assert local_job(spec, (), tmp_path / "out", Settings(), exact=False).spec.seed is not None


def test_fields_can_be_set_from_outside(spec: Path, tmp_path: Path) -> None:
    job = local_job(spec, ("dream.iterations=3",), tmp_path / "out", Settings(), exact=False)

    assert job.spec.dream is not None
    assert job.spec.dream.iterations == 3


def test_a_job_that_this_machine_has_no_memory_for_is_refused_before_it_begins(spec: Path, tmp_path: Path) -> None:
    settings = Settings(worker=WorkerSettings(memory_gib=0.5))

    with pytest.raises(TooLargeError, match=r"more than the 0\.5 GiB that a worker has"):
        local_job(spec, (), tmp_path / "out", settings, exact=False)


def test_a_misspelt_field_is_named_with_what_was_meant(spec: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="did you mean 'iterations'"):
        local_job(spec, ("dream.itertions=3",), tmp_path / "out", Settings(), exact=False)


def test_mistakes_are_told_with_their_places(spec: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as one:
        local_job(spec, ("dream.blend=.nan",), tmp_path / "out", Settings(), exact=False)
    with pytest.raises(SpecError, match=r"/dream/repeats: .*; /dream/blend: ") as two:
        local_job(spec, ("dream.blend=.nan", "dream.repeats=-1"), tmp_path / "out", Settings(), exact=False)

    assert (one.value.pointer, two.value.pointer) == ("/dream/blend", "")


@pytest.mark.parametrize(
    ("most", "told"), [(10**6, "possible are PNG, JPEG, WEBP"), (5, "more than 5; make it smaller")]
)
def test_a_picture_that_cannot_be_used_is_refused_with_its_name_and_place(
    spec: Path, tmp_path: Path, most: int, told: str
) -> None:
    if most > 5:
        (tmp_path / "picture.png").write_text("no picture")

    with pytest.raises(SpecError, match=told) as refused:
        local_job(spec, (), tmp_path / "out", Settings(api=ApiSettings(max_image_pixels=most)), exact=False)

    assert refused.value.pointer == "/source/image"
    assert "picture.png: " in refused.value.message


def test_a_frame_of_another_job_is_nothing_that_one_process_knows(spec: Path, tmp_path: Path) -> None:
    spec.write_text(SPEC.replace("{image: picture.png}", "{frame: {job: job_1, index: 3}}"))

    with pytest.raises(SpecError, match="can be asked of the service alone"):
        local_job(spec, (), tmp_path / "out", Settings(), exact=False)


def test_a_spec_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="there is no spec"):
        local_job(tmp_path / "none.yaml", (), tmp_path / "out", Settings(), exact=False)


def test_an_mp4_that_this_machine_cannot_write_is_refused_before_the_first_stage(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)

    with pytest.raises(SpecError, match="mp4 needs the extra video") as refused:
        local_job(spec, ("animation.format=mp4",), tmp_path / "out", Settings(), exact=False)

    assert refused.value.pointer == "/animation/format"
