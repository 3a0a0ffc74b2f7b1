"""The demo's files."""

from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from deploy.examples.folder import PAINTING, SPEC, lay_out
from deploy.examples.painting import paint
from shared.presets.catalogue import PICTURES
from shared.spec.file import read_spec, replace_images
from shared.spec.job import JobSpec


def test_the_same_seed_paints_the_same_picture() -> None:
    assert paint((96, 128), seed=5).tobytes() == paint((96, 128), seed=5).tobytes()
    assert paint((96, 128), seed=5).tobytes() != paint((96, 128), seed=6).tobytes()


def test_the_painting_of_the_presets_is_the_one_that_the_demo_paints() -> None:
    kept = Image.open(PICTURES / "painting.jpg")

    assert max(ImageStat.Stat(ImageChops.difference(kept, paint())).mean) < 10


def test_the_demo_is_laid_out_as_a_spec_that_can_be_carried_out(tmp_path: Path) -> None:
    path = lay_out(tmp_path / "demo")

    data = replace_images(read_spec(path), lambda _: "sha256:" + "0" * 64)
    spec = JobSpec.model_validate(data)
    assert spec.dream is not None
    assert spec.style is not None
    assert spec.animation is not None


def test_what_people_changed_stays(tmp_path: Path) -> None:
    (tmp_path / SPEC).write_text("mine")

    lay_out(tmp_path)

    assert (tmp_path / SPEC).read_text() == "mine"
    assert (tmp_path / PAINTING).exists()
