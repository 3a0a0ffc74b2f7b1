"""submit, validate, plan."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.commands.options import login_name
from tests.api.commands.conftest import Run
from tests.api.conftest import Service
from tests.api.painter import Painter, png


def test_submit_prints_the_id_alone(run: Run, service: Service, spec_path: Path) -> None:
    result = run("submit", spec_path)

    assert result.exit_code == 0
    assert service.store.get(result.stdout.strip()).name == "cat dreams"
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


def test_submit_reads_standard_input_and_sets_fields(run: Run, service: Service, spec_path: Path) -> None:
    result = run("submit", "-", "--set", "seed=9", "--set", "dream.layers=[7]", input=spec_path.read_text())

    job = service.store.get(result.stdout.strip())
    assert (job.spec.seed, len(job.plan.stages)) == (9, 2)


def test_submit_uploads_the_pictures_that_a_spec_names(run: Run, service: Service, spec_path: Path) -> None:
    (spec_path.parent / "cat.png").write_bytes(png(size=(50, 80)))
    data = json.loads(spec_path.read_text()) | {"source": {"image": "cat.png"}}
    spec_path.write_text(json.dumps(data))

    result = run("submit", spec_path)

    assert service.store.get(result.stdout.strip()).plan.size == (50, 80)


OWNERS = {
    "the login name": ({"LOGNAME": "ada"}, [], "ada"),
    "the environment": ({"LOGNAME": "ada", "DREAMQUEUE_OWNER": "night shift"}, [], "night shift"),
    "the option": ({"LOGNAME": "ada", "DREAMQUEUE_OWNER": "night shift"}, ["--owner", "bob"], "bob"),
}


@pytest.mark.parametrize(("environment", "options", "owner"), OWNERS.values(), ids=OWNERS.keys())
def test_submit_says_whom_the_job_belongs_to(
    run: Run,
    service: Service,
    spec_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    options: list[str],
    owner: str,
) -> None:
    monkeypatch.delenv("DREAMQUEUE_OWNER", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    result = run("submit", spec_path, *options)

    assert service.store.get(result.stdout.strip()).owner == owner


def test_a_user_without_a_name_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr("getpass.getuser", nameless)

    assert login_name() == "anonymous"


def test_a_name_that_no_owner_can_have_is_one_line_and_exit_status_two(run: Run, spec_path: Path) -> None:
    result = run("submit", spec_path, "--owner", "two\nlines")

    assert result.exit_code == 2
    assert result.stderr.startswith("error: no owner can be named 'two\\nlines'; give 1 to 64 printable characters")
    assert result.stderr.count("\n") == 1


def test_submit_answers_in_json(run: Run, spec_path: Path) -> None:
    result = run("submit", spec_path, "--json")

    assert json.loads(result.stdout)["status"] == "queued"


@pytest.mark.parametrize(("end", "code"), [("paint", 0), ("fail", 1), ("cancel", 5)])
def test_submit_waits_and_ends_as_the_job_ends(
    run: Run, service: Service, painter: Painter, spec_path: Path, end: str, code: int
) -> None:
    def work() -> None:
        while not (jobs := service.store.active()):
            pass
        if end == "paint":
            painter.paint(jobs[0])
        elif end == "fail":
            painter.fail(painter.begin(jobs[0]), "the picture is no longer a number")
        else:
            service.store.cancel(jobs[0])

    worker = threading.Thread(target=work)
    worker.start()
    result = run("submit", spec_path, "--wait")
    worker.join()

    assert result.exit_code == code, result.stderr
    assert result.stdout.startswith("job_")
    assert "100%  job succeeded" in result.stderr or code
    assert ("error: " in result.stderr) == (end == "fail")


BAD = {
    "no such file": (["nothing.yaml"], "there is no spec at nothing.yaml"),
    "a misspelt field": (["--set", "dream.itertions=3"], "did you mean 'iterations'?"),
    "a misspelt layer": (["--set", "dream.layers=[conv9]"], "its layers are 0 conv1_1"),
    "a picture that is not there": (["--set", "source={image: nothing.png}"], "there is no picture"),
    "a picture that is none": (["--set", f"source={{image: {__file__}}}"], f"/source/image: {__file__}: not a picture"),
    "not a number": (["--set", "dream.blend=.nan"], "/dream/blend: input should be a finite number; got nan"),
    "no end": (["--set", "dream.step_size=.inf"], "/dream/step_size: input should be a finite number; got inf"),
    "a whole number without bounds": (["--set", "seed=0x" + 5_000 * "f"], "/seed: a whole number of 20000 bits"),
    "bytes": (["--set", "name=!!binary aGk="], "/name: a bytes is nothing that JSON knows"),
    "channels out of range": (["--set", "dream.channels=[512]"], "channels 0 to 511; got 512"),
    "more channels than there are": (["--set", "dream.channels={random: {count: 513}}"], "has 512 channels; got 513"),
    "frames too small": (["--set", "source={solid: {size: [1, 5000]}}"], "take a larger source, or raise max_size"),
    "no override": (["--set", "seed"], "write it as dream.iterations=20"),
}


@pytest.mark.parametrize("command", ["submit", "validate", "plan"])
@pytest.mark.parametrize(("arguments", "told"), BAD.values(), ids=BAD.keys())
def test_a_bad_spec_is_one_line_and_exit_status_two(
    run: Run, spec_path: Path, command: str, arguments: list[str], told: str
) -> None:
    spec = [] if arguments[0].endswith(".yaml") else [spec_path]

    result = run(command, *spec, *arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_validate_is_silent_when_all_is_well(run: Run, service: Service, spec_path: Path) -> None:
    result = run("validate", spec_path)

    assert (result.exit_code, result.output) == (0, "")
    assert service.store.active() == ()


def test_plan_shows_stages_and_cost(run: Run, spec_path: Path) -> None:
    result = run("plan", spec_path)

    assert "dream-01" in result.stdout
    assert "0.7 GiB of a worker's memory of at most 2.0" in result.stdout
    assert "frames of 64 x 48 pixels, network vgg16, seed 7" in result.stdout
    assert json.loads(run("plan", spec_path, "--json").stdout)["seed"] == 7


@pytest.mark.parametrize(
    "command", [["submit", "SPEC"], ["ls"], ["show", "job_1"], ["watch", "job_1"], ["get", "job_1"]]
)
def test_nobody_at_the_address_is_exit_status_four(spec_path: Path, command: list[str]) -> None:
    arguments: list[Any] = [str(spec_path) if part == "SPEC" else part for part in command]

    result = CliRunner().invoke(app, [*arguments, "--url", "http://127.0.0.1:1"])

    assert result.exit_code == 4
    assert "http://127.0.0.1:1" in result.stderr
    assert "dreamqueue up" in result.stderr
