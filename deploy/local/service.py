"""The whole service on this machine, from the first check to the last process' end."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit, urlunsplit

from deploy.local import preflight
from deploy.local.banner import Addresses
from deploy.local.devices import NO_GPU, Device, devices, find_gpus
from deploy.local.environment import import_environment, settings_environment
from deploy.local.layout import Machine, api_url, flower_url, layout
from deploy.local.lock import Occupant, only_one
from deploy.local.log import ServiceLog
from deploy.local.ports import free_port
from deploy.local.secret import kept_secret
from deploy.local.supervisor import Supervisor
from deploy.local.valkey import EmbeddedValkey, prepare_valkey, running_url
from deploy.local.warden import Warden
from shared.errors import ConfigurationError
from shared.machine import worker_memory_gib
from shared.redaction import secrets_of
from shared.settings import Settings

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
FLOWER_USER = "dreamqueue"


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for beyond the settings."""

    workers: int | None = None
    quiet: bool = False


@dataclass(frozen=True)
class LocalService:
    """A service that runs on this machine."""

    supervisor: Supervisor
    addresses: Addresses


@contextmanager
def running(settings: Settings, wishes: Wishes) -> Iterator[LocalService]:
    """The service, ready for work; on leaving, every process is stopped in order.

    SIGTERM and the terminal's end act like Ctrl-C while this is entered; a second one stops everything at once.

    Raises:
        ConfigurationError: it cannot start as it is set up, or a process keeps ending.
        WeightsUnavailableError: no networks could be had.
    """
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        lock = stack.enter_context(only_one(_data_dir(settings), Occupant(os.getpid(), api_url(settings))))
        machine = _machine(settings, wishes)
        preflight.fetch_weights({**settings_environment(machine.settings), **import_environment()})
        specs = layout(machine)
        log = ServiceLog(
            settings.data_dir / "logs" / "up.log",
            [spec.name for spec in specs],
            secrets=_secrets(machine),
            out=sys.stdout,
            quiet=wishes.quiet,
        )
        stack.callback(log.close)
        supervisor = Supervisor(specs, log, Warden.start(kept_open=(lock,)))
        stack.callback(stop_now_or_soon, supervisor)
        supervisor.start()
        yield LocalService(supervisor, _addresses(machine, log.path))


def stop_now_or_soon(supervisor: Supervisor) -> None:
    """Stop in order; interrupted once more, at once."""
    try:
        supervisor.stop()
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervisor.kill()


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM, and the end of the terminal, as KeyboardInterrupt."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _data_dir(settings: Settings) -> Path:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"the data directory {settings.data_dir} cannot be made: {error.strerror}; choose another with "
            "--data-dir FOLDER or DREAMQUEUE_DATA_DIR"
        ) from error
    return settings.data_dir


def _machine(settings: Settings, wishes: Wishes) -> Machine:
    """Look at everything that could be wrong, and prepare the embedded server."""
    preflight.check_ports(settings)
    preflight.check_engine()
    valkey = _server(settings)
    workers = devices(find_gpus(os.environ), wishes.workers)
    return Machine(
        settings=with_memory(with_redis(settings, valkey.url) if valkey else settings, workers),
        devices=workers,
        valkey=valkey,
        flower_login=os.environ.get("FLOWER_BASIC_AUTH") or _flower_login(settings.data_dir),
        flower_prefix=os.environ.get("FLOWER_URL_PREFIX", "").strip("/"),
    )


def _server(settings: Settings) -> EmbeddedValkey | None:
    if preflight.own_redis(settings):
        preflight.check_redis(settings)
        return None
    return prepare_valkey(settings.data_dir, free_port())


def reachable_settings(settings: Settings) -> Settings:
    """The settings by which another process of this machine reaches the job store of `up`, if that is the one meant."""
    url = None if preflight.own_redis(settings) else running_url(settings.data_dir)
    return with_redis(settings, url) if url else settings


def with_redis(settings: Settings, url: str) -> Settings:
    """The settings with another job store."""
    return settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": url})})


def with_memory(settings: Settings, workers: Sequence[Device]) -> Settings:
    """The settings with what each worker has of this machine's memory, where they do not say and no GPU has its own."""
    if settings.worker.memory_gib is not None or any(worker.visible_gpu != NO_GPU for worker in workers):
        return settings
    shared_out = {"memory_gib": worker_memory_gib(len(workers))}
    return settings.model_copy(update={"worker": settings.worker.model_copy(update=shared_out)})


def _flower_login(data_dir: Path) -> str:
    # Flower lets nobody stop a task without a login, or anybody from any web page; a password of our own mends both.
    return f"{FLOWER_USER}:{kept_secret(data_dir / 'flower.password', random_bytes=9)}"


def _secrets(machine: Machine) -> tuple[str, ...]:
    return (*secrets_of(machine.settings), machine.flower_login.partition(":")[2])


def _addresses(machine: Machine, log: Path) -> Addresses:
    settings = machine.settings
    flower = urlsplit(f"{flower_url(settings)}/{machine.flower_prefix}".rstrip("/"))
    return Addresses(
        api=api_url(settings),
        flower=urlunsplit(flower._replace(netloc=f"{machine.flower_login}@{flower.netloc}")),
        data_dir=settings.data_dir,
        log=log,
        workers=tuple(device.name for device in machine.devices),
        open_to_others=settings.api.host not in LOOPBACK,
    )
