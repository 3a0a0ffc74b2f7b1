"""The main job through every real process: handed in over HTTP, dreamed, painted, animated, killed and canceled."""

import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from api.answers import ImageAnswer
from api.client import Client
from api.client_errors import ApiError
from api.commands.spec import uploaded
from shared.jobs.status import JobStatus, StageStatus
from shared.networks import NETWORKS
from shared.settings import WeightsSettings
from tests.acceptance.machine import Machine, machine_in
from tests.acceptance.watching import Ended, ended, stage_of, watched_in_flower
from tests.patience import wait_until
from worker.engine.arithmetic import arithmetic_here

LAYERS = ("conv3_3", "conv4_2")
FRAMES = [f"{folder}/{i:02d}-{layer}.png" for folder in ("frames", "styled") for i, layer in enumerate(LAYERS)]
MADE = {"dream-00", "dream-01", "style-00", "style-01"}
STEPS = {"dream-00": 6, "dream-01": 6, "style-00": 20, "style-01": 20}
FIRST_UNIT = 0.3
"""More of a style stage than its first unit."""
WIDTH, HEIGHT = 96, 72
SMALL = 32
"""The least that the network can look at, in pixels."""
LOOP, CROSSFADE = 3, 1
RUN = "from worker.cli import app; app()"
RUN_SECONDS = 180


@pytest.fixture(scope="module")
def machine(
    redis_server: str, vgg16_settings: WeightsSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """The service, with one worker that still loads its engine."""
    with machine_in(tmp_path_factory.mktemp("machine"), f"{redis_server}/10", vgg16_settings) as machine:
        machine.start("cpu0")
        yield machine


@pytest.fixture(scope="module")
def client(machine: Machine) -> Iterator[Client]:
    with machine.client() as client:
        yield client


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a photo and a painting, and room for specs."""
    folder = tmp_path_factory.mktemp("spec")
    Image.radial_gradient("L").resize((128, 96)).convert("RGB").save(folder / "photo.png")
    Image.effect_mandelbrot((96, 96), (-2, -1.5, 1, 1.5), 60).convert("RGB").rotate(30).save(folder / "painting.png")
    return folder


def spec_in(folder: Path, **changes: Any) -> Path:
    """The spec of a small main job as a file; a block that is given takes the place of its own."""
    spec: dict[str, Any] = {
        "seed": 7,
        "source": {"image": "photo.png"},
        "max_size": WIDTH,
        "dream": {"network": "vgg16", "layers": list(LAYERS), "iterations": 3, "repeats": 1},
        "style": style(20),
        "animation": {"loop": LOOP, "crossfade": CROSSFADE},
    }
    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump({**spec, **changes}))
    return path


def style(iterations: int) -> dict[str, Any]:
    return {"images": [{"image": "painting.png"}], "iterations": iterations, "levels": 1}


def dreamed(image: ImageAnswer) -> dict[str, Any]:
    """The least that can be made of a picture."""
    dream = {"network": "vgg16", "layers": [LAYERS[0]], "iterations": 1, "repeats": 0}
    return {"source": {"image": image.id}, "max_size": SMALL, "dream": dream}


@pytest.fixture(scope="module")
def undisturbed(machine: Machine, client: Client, pictures: Path) -> Ended:
    """The job from its submission to its end, watched in its events and in Flower."""
    job = client.submit(uploaded(client, spec_in(pictures), None))
    with watched_in_flower(machine) as shown:
        events = tuple(client.events(job.id))
    seen = ended(client, job.id)
    return Ended(seen.job, seen.stages, seen.files, events, shown)


def test_a_job_handed_in_over_http_ends_in_a_looping_animation(undisturbed: Ended) -> None:
    with Image.open(io.BytesIO(undisturbed.files["animation.gif"])) as gif:
        frames, size, loop = getattr(gif, "n_frames", 1), gif.size, gif.info["loop"]

    assert undisturbed.job.status is JobStatus.SUCCEEDED
    assert set(undisturbed.statuses.values()) == {StageStatus.SUCCEEDED}
    assert frames == len(LAYERS) + CROSSFADE * (len(LAYERS) - 1)
    assert size == (WIDTH, HEIGHT)
    # A GIF counts how often it plays again.
    assert loop == LOOP - 1


def test_every_frame_is_a_picture_of_its_own(undisturbed: Ended) -> None:
    frames = {name: data for name, data in undisturbed.files.items() if name.endswith(".png")}

    sizes = {Image.open(io.BytesIO(data)).size for data in frames.values()}

    assert sorted(frames) == sorted(FRAMES)
    assert sizes == {(WIDTH, HEIGHT)}
    assert len(set(frames.values())) == len(FRAMES)


def test_the_manifest_has_all_that_is_needed_to_make_the_job_again(undisturbed: Ended) -> None:
    manifest = json.loads(undisturbed.files["manifest.json"])
    steps = {stage["id"]: len(stage["trace"]) for stage in manifest["stages"] if stage["id"] in MADE}

    assert manifest["spec"]["source"] == undisturbed.job.spec.source.model_dump(exclude_none=True)
    assert manifest["seed"] == 7
    assert manifest["weights"] == {"vgg16": NETWORKS["vgg16"].identity}
    assert all(stage["seconds"] > 0 for stage in manifest["stages"])
    precisions = {stage["made_by"]["precision"] for stage in manifest["stages"] if stage["id"] in MADE}
    assert precisions == {arithmetic_here().precision}
    assert all(steps[stage] >= STEPS[stage] for stage in MADE)


def test_events_tell_the_job_from_its_first_moment_to_its_last(undisturbed: Ended) -> None:
    types = [event.type for event in undisturbed.events]
    shares = [float(str(event.data["progress"])) for event in undisturbed.events]

    assert types[:2] == ["job.created", "job.running"]
    assert types[-1] == "job.succeeded"
    assert types.count("stage.running") == types.count("stage.succeeded") == len(MADE) + 1
    assert "stage.preview" in types
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_flower_shows_the_percentage_of_a_running_stage(undisturbed: Ended) -> None:
    running = {result for state, result in undisturbed.shown if state == "STARTED"}

    assert any(re.fullmatch(r"\d{1,2}% \| conv\d_\d\b.*", result) for result in running), set(undisturbed.shown)


def test_the_same_spec_run_by_hand_makes_the_same_bytes(
    machine: Machine, undisturbed: Ended, pictures: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", RUN, "run", str(spec_in(pictures)), "-o", str(tmp_path)]

    done = subprocess.run(
        command, env=machine.environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
    )

    assert done.returncode == 0, done.stderr
    assert {name: (tmp_path / name).read_bytes() for name in undisturbed.pictures} == undisturbed.pictures


def test_another_job_that_begins_alike_makes_only_what_is_new(
    client: Client, undisturbed: Ended, pictures: Path
) -> None:
    spec = spec_in(pictures, animation={"bounce": True})

    again = ended(client, client.submit(uploaded(client, spec, None)).id)

    assert again.statuses == {**dict.fromkeys(MADE, StageStatus.REUSED), "animate": StageStatus.SUCCEEDED}
    assert all(again.files[name] == undisturbed.files[name] for name in FRAMES)
    assert again.took_seconds < undisturbed.took_seconds / 2


def test_a_picture_of_any_kind_is_dreamed_to_its_end(client: Client, tmp_path: Path) -> None:
    # given
    plain = Image.radial_gradient("L").resize((SMALL, SMALL))
    moving = {"save_all": True, "append_images": [plain.rotate(90)]}
    kinds: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "deep.png": (Image.effect_noise((SMALL, SMALL), 80).convert("I;16").point(lambda level: level * 257), {}),
        "grey.png": (plain, {}),
        "palette.png": (plain.convert("P"), {"transparency": 3}),
        "print.jpeg": (plain.convert("CMYK"), {}),
        "clear.webp": (Image.merge("RGBA", [plain] * 4), {}),
        "moving.webp": (plain.convert("RGB"), moving),
        "moving.png": (plain.rotate(45), moving),
    }
    for name, (image, options) in kinds.items():
        image.save(tmp_path / name, **options)

    # when
    jobs = [client.submit(dreamed(client.upload(tmp_path / name))) for name in kinds]
    results = [ended(client, job.id) for job in jobs]

    # then
    assert {result.job.status for result in results} == {JobStatus.SUCCEEDED}
    frames = [Image.open(io.BytesIO(result.files[f"frames/00-{LAYERS[0]}.png"])) for result in results]
    assert {(frame.size, frame.mode) for frame in frames} == {((SMALL, SMALL), "RGB")}
    assert len({frame.tobytes() for frame in frames}) == len(kinds)


@pytest.mark.parametrize(("size", "needed"), [((1, 1), "1 x 1"), ((5000, 1), "1 x 5000"), ((1, 5000), "5000 x 1")])
def test_a_picture_too_thin_to_be_dreamed_is_refused_when_the_job_is_handed_in(
    client: Client, tmp_path: Path, size: tuple[int, int], needed: str
) -> None:
    Image.new("RGB", size).save(tmp_path / "thin.png")
    thin = client.upload(tmp_path / "thin.png")

    with pytest.raises(ApiError, match=f"frames would be {needed}; vgg16 needs 32 x 32 pixels at least"):
        client.submit({**dreamed(thin), "max_size": None})


def test_a_picture_cut_off_on_its_way_is_refused_at_once(client: Client, pictures: Path, tmp_path: Path) -> None:
    whole = (pictures / "painting.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(ApiError, match=r"the picture is damaged: .*; save it anew, or send another"):
        client.upload(tmp_path / "cut.png")


def test_cancel_stops_a_running_job_and_nothing_follows(machine: Machine, client: Client, pictures: Path) -> None:
    job = client.submit(uploaded(client, spec_in(pictures, style=style(2000)), None))
    wait_until(lambda: stage_of(client, job.id, "style-00").progress > 0, "a frame is being painted", RUN_SECONDS)

    client.cancel(job.id)
    canceled = ended(client, job.id)

    assert canceled.job.status is JobStatus.CANCELED
    assert canceled.statuses["style-00"] is StageStatus.CANCELED
    assert canceled.attempts["animate"] == 0
    assert "animation.gif" not in canceled.files
    assert list(machine.artifacts.keys(f"checkpoints/{job.id}")) == []


@pytest.mark.slow
def test_three_workers_make_the_same_bytes_as_one(
    machine: Machine, client: Client, undisturbed: Ended, pictures: Path
) -> None:
    machine.have_all_workers()
    forget_results(machine)

    result = ended(client, client.submit(uploaded(client, spec_in(pictures), None)).id)

    assert set(result.statuses.values()) == {StageStatus.SUCCEEDED}
    assert len({stage.worker for stage in result.stages}) > 1
    assert result.pictures == undisturbed.pictures


def test_a_worker_killed_in_the_middle_of_a_stage_changes_no_byte_of_the_result(
    machine: Machine, client: Client, undisturbed: Ended, pictures: Path
) -> None:
    machine.have_all_workers()
    forget_results(machine)
    job = client.submit(uploaded(client, spec_in(pictures), None))

    killed, share = kill_in_the_middle(machine, client, job.id, "style-00")
    shares = shares_until_done(client, job.id, "style-00")
    result = ended(client, job.id)

    style_00 = stage_of(client, job.id, "style-00")
    assert result.job.status is JobStatus.SUCCEEDED
    assert set(result.statuses.values()) == {StageStatus.SUCCEEDED}
    assert style_00.worker is not None
    assert not style_00.worker.startswith(killed)
    assert style_00.attempts == 2
    # Taken up from its checkpoint: it never falls behind what was done.
    assert min(shares) >= share
    assert result.pictures == undisturbed.pictures


def forget_results(machine: Machine) -> None:
    """Remove what earlier jobs have made, so that the next makes everything itself."""
    for key in list(machine.artifacts.keys("stages")):
        machine.artifacts.delete(key)


def kill_in_the_middle(machine: Machine, client: Client, job_id: str, stage_id: str) -> tuple[str, float]:
    """SIGKILL for a worker, parent and child, while it works on a stage; returns its name and the share then done."""
    # Further than the first unit reaches, so that beginning anew would show.
    under_way = f"{stage_id} is under way"
    wait_until(lambda: stage_of(client, job_id, stage_id).progress > FIRST_UNIT, under_way, RUN_SECONDS)
    name = (stage_of(client, job_id, stage_id).worker or "").partition("@")[0]
    # What stands still cannot end while one looks.
    machine.running[name].signal(signal.SIGSTOP)
    stage = stage_of(client, job_id, stage_id)
    assert stage.status is StageStatus.RUNNING, f"{stage_id} ended before its worker could be killed"
    machine.running[name].kill()
    return name, stage.progress


def shares_until_done(client: Client, job_id: str, stage_id: str) -> list[float]:
    """How far a stage was seen to be, again and again, until it was done."""
    shares: list[float] = []

    def done() -> bool:
        stage = stage_of(client, job_id, stage_id)
        shares.append(stage.progress)
        return stage.status.done

    wait_until(done, f"{stage_id} is done", RUN_SECONDS)
    return shares
