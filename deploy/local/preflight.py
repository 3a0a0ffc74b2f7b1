"""What is looked at before anything is started, so that a mistake is one clear sentence."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping

from deploy.local.layout import WORKER_PROGRAM
from deploy.local.ports import PortWish, claim
from shared.errors import ConfigurationError, StoreUnavailableError, WeightsUnavailableError
from shared.jobs.connection import server_address
from shared.jobs.server import check_servers
from shared.settings import Settings


def own_redis(settings: Settings) -> bool:
    """Whether the settings name a Redis server, which then takes the place of the embedded one."""
    return "url" in settings.redis.model_fields_set


def check_redis(settings: Settings) -> None:
    """See that the Redis server that the settings name answers, and can be relied upon.

    Raises:
        ConfigurationError: it does not, or cannot; tells why, without the password.
    """
    try:
        check_servers(settings.redis)
    except StoreUnavailableError as error:
        raise ConfigurationError(
            f"Redis at {server_address(settings.redis.url)} does not answer: {error}; start it, mend "
            "DREAMQUEUE_REDIS__URL, or unset that to use the embedded server"
        ) from error


def check_ports(settings: Settings) -> None:
    """See that the API and Flower can listen.

    Raises:
        ConfigurationError: a port is taken, or both want the same one.
    """
    api, flower = settings.api, settings.flower
    if api.port == flower.port:
        raise ConfigurationError(
            f"the API and Flower cannot share port {api.port}; choose another for one of them: --port, --flower-port"
        )
    claim(PortWish(api.host, api.port, "the API", "--port", "DREAMQUEUE_API__PORT"))
    claim(PortWish("127.0.0.1", flower.port, "Flower", "--flower-port", "DREAMQUEUE_FLOWER__PORT"))


def check_engine() -> None:
    """See that this environment can carry out stages at all.

    Raises:
        ConfigurationError: TensorFlow is not installed.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise ConfigurationError(
            "the worker needs TensorFlow, which is not installed; run make setup in dreamqueue's folder, "
            "or make setup EXTRA=gpu for NVIDIA GPUs"
        )


def fetch_weights(environment: Mapping[str, str]) -> None:
    """Fetch the networks, with a bar on this terminal; nothing happens when they are here already.

    Raises:
        WeightsUnavailableError: none could be had; the command itself has told which sources were tried.
    """
    command = [sys.executable, "-c", WORKER_PROGRAM, "weights", "fetch", "auto", "vgg16"]
    code = subprocess.run(command, env={**os.environ, **environment}, check=False).returncode  # noqa: S603
    if code != 0:
        raise WeightsUnavailableError(
            f"the networks' weights could not be fetched (exit code {code}, see above); once that is mended, "
            "run dreamqueue up again: what was fetched is kept"
        )
