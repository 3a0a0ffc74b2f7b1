"""Lays out the processes of one machine: a pure function from settings to records."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.devices import Device
from deploy.local.environment import import_environment, settings_environment
from deploy.local.process import ProcessSpec
from deploy.local.readiness import answers, pings, says
from deploy.local.valkey import EmbeddedValkey
from shared.settings import Settings

FLOWER_CONFIGURATION = Path(__file__).parents[1] / "flower" / "flowerconfig.py"
WORKER_PROGRAM = "from worker.cli import app; app()"
WORKERS_FIRST, THE_OTHERS, VALKEY_LAST = 0, 1, 2


@dataclass(frozen=True)
class Machine:
    """What the processes run on: settings that hold for all of them, the devices, the embedded server if any."""

    settings: Settings
    devices: Sequence[Device]
    valkey: EmbeddedValkey | None
    flower_login: str
    """`user:password` of Flower's page; `""` for none."""
    flower_prefix: str = ""
    """The folder of the address under which Flower serves its pages."""


def layout(machine: Machine) -> tuple[ProcessSpec, ...]:
    """Every process of the service, each after those that it needs."""
    environment = {**settings_environment(machine.settings), **import_environment()}
    services = (
        _reconciler(machine, environment),
        _api(machine, environment),
        *(_worker(machine, device, environment) for device in machine.devices),
        _flower(machine, environment),
    )
    if machine.valkey is None:
        return services
    return (_valkey(machine.settings, machine.valkey), *services)


def api_url(settings: Settings) -> str:
    """The API's address as this machine reaches it."""
    return f"http://{reachable(settings.api.host)}:{settings.api.port}"


def flower_url(settings: Settings) -> str:
    """The address of Flower, which listens on the loopback only."""
    return f"http://127.0.0.1:{settings.flower.port}"


def reachable(host: str) -> str:
    """An address by which this machine reaches a server that listens on `host`."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104  (compared, not listened on)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _needs(machine: Machine) -> tuple[str, ...]:
    return ("valkey",) if machine.valkey else ()


def _valkey(settings: Settings, valkey: EmbeddedValkey) -> ProcessSpec:
    return ProcessSpec(
        name="valkey",
        command=(str(valkey.program), str(valkey.configuration)),
        ready=pings(valkey.url),
        directory=settings.data_dir,
        stop_order=VALKEY_LAST,
        grace_seconds=15.0,
    )


def _reconciler(machine: Machine, environment: Mapping[str, str]) -> ProcessSpec:
    return ProcessSpec(
        name="reconciler",
        command=(sys.executable, "-m", "deploy.local.reconciler"),
        # It has no address, and nobody waits for it: that it runs is enough.
        ready=_at_once,
        environment=environment,
        directory=machine.settings.data_dir,
        needs=_needs(machine),
        stop_order=THE_OTHERS,
    )


def _api(machine: Machine, environment: Mapping[str, str]) -> ProcessSpec:
    api = machine.settings.api
    return ProcessSpec(
        name="api",
        command=(
            *(sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app_from_environment"),
            *("--host", api.host, "--port", str(api.port)),
            # Watchers hold their streams open for ever; a stop must not wait for them.
            *("--timeout-graceful-shutdown", "2", "--no-access-log"),
        ),
        ready=answers(f"{api_url(machine.settings)}/readyz"),
        environment=environment,
        directory=machine.settings.data_dir,
        needs=_needs(machine),
        stop_order=THE_OTHERS,
    )


def _worker(machine: Machine, device: Device, environment: Mapping[str, str]) -> ProcessSpec:
    return ProcessSpec(
        name=device.name,
        # Not the installed script, whose folder need not be known, but this very interpreter.
        command=(sys.executable, "-c", WORKER_PROGRAM, "start", "--name", device.name),
        # Celery calls the parent ready long before the child, which does the work, has loaded the engine.
        ready=says("child is ready"),
        # TensorFlow's greetings are for its developers.
        environment={**environment, "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": device.visible_gpu},
        directory=machine.settings.data_dir,
        needs=_needs(machine),
        stop_order=WORKERS_FIRST,
        # To put a stage away takes the unit of work at hand and its checkpoint.
        grace_seconds=3 * machine.settings.worker.unit_seconds + 10.0,
    )


def _flower(machine: Machine, environment: Mapping[str, str]) -> ProcessSpec:
    login = {"FLOWER_BASIC_AUTH": machine.flower_login} if machine.flower_login else {}
    base = "/".join(part for part in (flower_url(machine.settings), machine.flower_prefix) if part)
    return ProcessSpec(
        name="flower",
        command=(
            *(sys.executable, "-m", "celery", "-q", "-A", "deploy.flower.app", "flower"),
            *(f"--conf={FLOWER_CONFIGURATION}", "--address=127.0.0.1"),
        ),
        ready=answers(f"{base}/healthcheck"),
        environment={**environment, **login},
        directory=machine.settings.data_dir,
        needs=_needs(machine),
        stop_order=THE_OTHERS,
    )


def _at_once(_lines: Sequence[str]) -> bool:
    return True
