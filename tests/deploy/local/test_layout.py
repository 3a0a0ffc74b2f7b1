"""The processes of one machine, laid out without starting any."""

from pathlib import Path

import pytest

from deploy.local.devices import NO_GPU, Device, devices, find_gpus, listed_gpus
from deploy.local.environment import absolute_address, settings_environment
from deploy.local.layout import Machine, layout, reachable
from deploy.local.process import stop_waves
from deploy.local.service import with_memory
from deploy.local.valkey import EmbeddedValkey
from shared.machine import worker_memory_gib
from shared.settings import (
    ApiSettings,
    ArtifactSettings,
    RedisSettings,
    Settings,
    WeightsSettings,
    WorkerSettings,
)

PASSWORD = "very-secret"
URL = f"redis://:{PASSWORD}@127.0.0.1:7777/0"
VALKEY = EmbeddedValkey(Path("/bin/valkey-server"), Path("/data/valkey/valkey.conf"), URL, PASSWORD)


def machine(valkey: EmbeddedValkey | None = VALKEY, workers: int = 1) -> Machine:
    settings = Settings(data_dir=Path("/data"), redis=RedisSettings(url=URL), api=ApiSettings(port=8123))
    return Machine(settings, devices((), workers), valkey, flower_login=f"dreamqueue:{PASSWORD}")


def test_no_password_stands_on_a_command_line() -> None:
    specs = layout(machine())

    assert PASSWORD not in " ".join(word for spec in specs for word in spec.command)
    assert any(PASSWORD in value for spec in specs for value in spec.environment.values())


def test_workers_stop_first_and_together_and_the_server_last() -> None:
    waves = stop_waves(layout(machine(workers=2)))

    assert [[spec.name for spec in wave] for wave in waves] == [
        ["cpu0", "cpu1"],
        ["reconciler", "api", "flower"],
        ["valkey"],
    ]


def test_every_process_comes_after_those_that_it_needs() -> None:
    specs = layout(machine())

    for index, spec in enumerate(specs):
        assert set(spec.needs) <= {earlier.name for earlier in specs[:index]}


def test_a_worker_is_ready_once_its_child_has_loaded_the_engine() -> None:
    worker = next(spec for spec in layout(machine()) if spec.name == "cpu0")

    assert not worker.ready(["cpu0@here ready."])
    assert worker.ready(["cpu0@here ready.", '{"event": "child is ready"}'])


def test_a_redis_server_of_ones_own_takes_the_place_of_the_embedded_one() -> None:
    specs = layout(machine(valkey=None))

    assert "valkey" not in {spec.name for spec in specs}
    assert all(spec.needs == () for spec in specs)


def test_the_processes_get_the_settings_that_were_given() -> None:
    settings = Settings(
        data_dir=Path("/data"),
        api=ApiSettings(port=8123),
        artifacts=ArtifactSettings(patience_seconds=7),
        weights=WeightsSettings(dir=Path("weights")),
    )

    variables = settings_environment(settings)

    assert variables["DREAMQUEUE_API__PORT"] == "8123"
    assert variables["DREAMQUEUE_DATA_DIR"] == "/data"
    assert variables["DREAMQUEUE_ARTIFACTS__URL"] == "/data/artifacts"
    assert variables["DREAMQUEUE_ARTIFACTS__PATIENCE_SECONDS"] == "7.0"
    assert variables["DREAMQUEUE_WEIGHTS__DIR"] == str(Path.cwd() / "weights")


def test_settings_read_back_are_the_settings_given(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(
        data_dir=Path("/data"), api=ApiSettings(port=8123, max_cost=7.5), redis=RedisSettings(url=URL, prefix="x")
    )
    for name, value in settings_environment(given).items():
        monkeypatch.setenv(name, value)

    read = Settings()

    assert (read.data_dir, read.api, read.redis) == (given.data_dir, given.api, given.redis)


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("pictures", str(Path.cwd() / "pictures")),
        ("/pictures", "/pictures"),
        ("file:///pictures", "file:///pictures"),
    ],
)
def test_an_artifact_address_means_the_same_from_every_folder(url: str, absolute: str) -> None:
    assert absolute_address(url) == absolute


@pytest.mark.parametrize(
    ("gpus", "workers", "expected"),
    [
        ((), None, [Device("cpu0", NO_GPU)]),
        ((), 2, [Device("cpu0", NO_GPU), Device("cpu1", NO_GPU)]),
        (("0", "1"), None, [Device("gpu0", "0"), Device("gpu1", "1")]),
        (("3", "5"), 1, [Device("gpu0", "3")]),
        (("0",), 2, [Device("gpu0", "0"), Device("cpu0", NO_GPU)]),
    ],
)
def test_every_gpu_has_one_worker_and_the_rest_compute_on_the_cpu(
    gpus: tuple[str, ...], workers: int | None, expected: list[Device]
) -> None:
    assert list(devices(gpus, workers)) == expected


def test_a_worker_computes_with_as_many_threads_however_many_workers_there_are() -> None:
    # when
    alone, beside = (
        [spec.environment for spec in layout(machine(workers=count)) if spec.name.startswith("cpu")] for count in (1, 3)
    )

    # then
    assert beside == 3 * alone


def test_workers_on_the_cpu_share_this_machines_memory_and_the_api_is_told() -> None:
    settings = with_memory(Settings(data_dir=Path("/data")), devices((), 3))

    assert settings.worker.memory_gib == pytest.approx(worker_memory_gib() / 3)
    assert settings_environment(settings)["DREAMQUEUE_WORKER__MEMORY_GIB"] == str(settings.worker.memory_gib)


@pytest.mark.parametrize(
    ("told", "gpus", "found"), [(2.5, (), 2.5), (None, ("0",), None)], ids=["it is told", "the GPU's own is unknown"]
)
def test_memory_is_not_guessed_where(told: float | None, gpus: tuple[str, ...], found: float | None) -> None:
    settings = Settings(data_dir=Path("/data"), worker=WorkerSettings(memory_gib=told))

    assert with_memory(settings, devices(gpus, None)).worker.memory_gib == found


@pytest.mark.parametrize(("visible", "gpus"), [("", ()), ("-1", ()), ("2, 3", ("2", "3")), ("GPU-ab12", ("GPU-ab12",))])
def test_cuda_visible_devices_decides_which_gpus_there_are(visible: str, gpus: tuple[str, ...]) -> None:
    assert find_gpus({"CUDA_VISIBLE_DEVICES": visible}) == gpus


def test_the_drivers_list_is_counted() -> None:
    text = "GPU 0: NVIDIA H100 (UUID: GPU-1)\n  MIG 1g: ...\nGPU 1: NVIDIA H100 (UUID: GPU-2)\n"

    assert listed_gpus(text) == 2


ANYWHERE = "0.0.0.0"  # noqa: S104  (compared, not listened on)


@pytest.mark.parametrize(("host", "address"), [(ANYWHERE, "127.0.0.1"), ("::1", "[::1]"), ("studio", "studio")])
def test_an_address_to_listen_on_becomes_one_to_reach(host: str, address: str) -> None:
    assert reachable(host) == address
