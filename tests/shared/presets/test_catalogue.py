"""The jobs that come with dreamqueue."""

from pathlib import Path

import pytest

from shared.equipment import Equipment
from shared.errors import SpecError, UnknownPresetError
from shared.images import take_in
from shared.networks import NETWORKS
from shared.plan.job import plan_job
from shared.plan.size import Size
from shared.plan.surroundings import Surroundings
from shared.presets.catalogue import preset_of, presets, spec_or_preset
from shared.spec.file import replace_images
from shared.spec.job import JobSpec

FIGURES = {
    "figure-05-white",
    "figure-05-black",
    "figure-06-noise",
    "figure-07-single",
    "figure-07-recursive",
    "figure-08-layer",
    "figure-08-channels",
    "figure-10",
    "figure-11-120-steps",
    "figure-11-3600-steps",
    "figure-12-denoise-0.1",
    "figure-12-denoise-0.3",
    "figure-12-denoise-0.6",
    "figure-13-size-150",
    "figure-13-size-300",
    "figure-13-size-none",
    "figure-14-style",
    "figure-14-even",
    "figure-14-content",
    "figure-15",
    "figure-16-chain",
    "figure-16-single",
    "figure-17",
    "figure-19",
    "gif",
}
"""What the report of 2018 shows of its programs."""


def taken_in(name: str) -> tuple[JobSpec, dict[str, Size]]:
    """The spec of a preset, and the sizes of its pictures."""
    sizes: dict[str, Size] = {}

    def upload(path: Path) -> str:
        picture = take_in(path.read_bytes(), max_pixels=1_000_000)
        sizes[picture.id] = picture.size
        return picture.id

    return JobSpec.model_validate(replace_images(preset_of(name).data, upload)), sizes


def test_every_figure_of_the_report_has_a_preset() -> None:
    assert {preset.name for preset in presets()} == FIGURES


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_preset_can_be_planned_whichever_network_dreams(name: str) -> None:
    spec, sizes = taken_in(name)

    plans = [plan_job(spec, Surroundings(sizes, Equipment((network,)))) for network in NETWORKS]

    assert all(plan.stages for plan in plans)


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_preset_says_what_it_shows_and_paints_the_same_every_time(name: str) -> None:
    spec, _ = taken_in(name)

    assert spec.name == preset_of(name).title
    assert spec.seed is not None


def test_the_pairs_of_a_figure_differ_in_what_the_figure_is_about() -> None:
    single, recursive = taken_in("figure-07-single")[0], taken_in("figure-07-recursive")[0]

    assert single.dream is not None
    assert recursive.dream is not None
    assert (single.dream.repeats, recursive.dream.repeats) == (0, 4)
    assert single.dream.model_copy(update={"repeats": 4}) == recursive.dream


def test_a_preset_that_there_is_not_is_told_with_the_nearest_and_all() -> None:
    with pytest.raises(UnknownPresetError) as told:
        preset_of("figure-7-single")

    assert "did you mean 'figure-07-single'?" in str(told.value)
    assert all(name in str(told.value) for name in FIGURES)


@pytest.mark.parametrize("name", ["", "../catalogue", "/etc/passwd", "figure-10.yaml"])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(UnknownPresetError):
        preset_of(name)


def test_either_a_spec_is_given_or_a_preset() -> None:
    assert spec_or_preset(Path("cat.yaml"), None) == Path("cat.yaml")
    assert spec_or_preset(None, "gif") == preset_of("gif").path


@pytest.mark.parametrize(("spec", "preset"), [(Path("cat.yaml"), "gif"), (None, None)])
def test_both_or_neither_is_refused(spec: Path | None, preset: str | None) -> None:
    with pytest.raises(SpecError, match=r"give a spec's file or --preset NAME; got (cat\.yaml and gif|neither)"):
        spec_or_preset(spec, preset)
