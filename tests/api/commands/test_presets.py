"""presets, and what hands them in."""

import json
from pathlib import Path

import pytest

from shared.equipment import Equipment
from shared.presets.catalogue import presets
from shared.spec.file import read_spec
from tests.api.commands.conftest import Run
from tests.api.conftest import Service
from tests.api.painter import png


def test_presets_are_listed_with_what_they_show(run: Run) -> None:
    result = run("presets")

    assert all(preset.name in result.stdout for preset in presets())
    assert "Section 3.3: a chain as a GIF" in result.stdout
    assert len(json.loads(run("presets", "--json").stdout)["presets"]) == len(presets())


def test_the_spec_of_a_preset_is_printed_so_that_it_can_be_handed_in_from_anywhere(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"

    path.write_text(run("presets", "figure-10").stdout)

    assert read_spec(path)["style"]["profile"] == "classic"
    assert run("validate", path).exit_code == 0


def test_submit_takes_a_preset_with_fields_set(run: Run, service: Service, tmp_path: Path) -> None:
    service.store.report_equipment("easel", Equipment(("googlenet",)))
    (tmp_path / "me.png").write_bytes(png(size=(100, 80)))

    result = run("submit", "--preset", "figure-07-recursive", "--set", f"source.image={tmp_path / 'me.png'}")

    job = service.store.get(result.stdout.strip())
    assert (job.name, job.plan.size) == ("Figure 7, right: layer 3 with recursion", (100, 80))


BAD = {
    "no such preset": (
        ["--preset", "figure-08-layers"],
        "no preset 'figure-08-layers'; did you mean 'figure-08-layer'?",
    ),
    "a spec and a preset": (["spec.yaml", "--preset", "gif"], "got spec.yaml and gif"),
    "neither": ([], "give a spec's file or --preset NAME; got neither"),
}


@pytest.mark.parametrize("command", ["submit", "validate", "plan"])
@pytest.mark.parametrize(("arguments", "told"), BAD.values(), ids=BAD.keys())
def test_what_names_no_single_spec_is_one_line_and_exit_status_two(
    run: Run, command: str, arguments: list[str], told: str
) -> None:
    result = run(command, *arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_preset_to_be_printed_that_there_is_not_is_exit_status_two(run: Run) -> None:
    assert run("presets", "gig").exit_code == 2
