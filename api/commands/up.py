"""`dreamqueue up`: the whole service on this machine, in one command."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.commands.console import say_error
from api.commands.demo import dream_example
from deploy.local.banner import show
from deploy.local.service import LocalService, Wishes, running
from shared.errors import DreamqueueError
from shared.settings import Settings, settings_in_force

EXIT_FAILED = 1


def up(
    data_dir: Annotated[Path | None, typer.Option(help="Where everything is kept.", file_okay=False)] = None,
    port: Annotated[int | None, typer.Option(help="Where the API listens.", min=1, max=65535)] = None,
    flower_port: Annotated[int | None, typer.Option(help="Where Flower listens.", min=1, max=65535)] = None,
    workers: Annotated[int | None, typer.Option(help="By default one a GPU, else one.", min=1, max=64)] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Keep the processes' log lines to the log file.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Dream the example pictures into ./demo, then stop.")] = False,
) -> None:
    """Start Redis, the API, the workers and Flower on this machine; Ctrl-C stops them all."""
    try:
        settings = chosen(settings_in_force(), data_dir, port, flower_port)
        serve(settings, Wishes(workers=workers, quiet=quiet or demo), dream_example if demo else stay)
    except KeyboardInterrupt:
        Console(stderr=True).print("Everything is stopped; the data stays. Start again with: dreamqueue up")
    except DreamqueueError as error:
        say_error(str(error))
        raise typer.Exit(EXIT_FAILED) from None


def serve(settings: Settings, wishes: Wishes, work: Callable[[LocalService], None]) -> None:
    """Start the service, show where it is found, do some work with it, and stop it in every case."""
    with running(settings, wishes) as service:
        show(Console(), service.addresses)
        work(service)


def stay(service: LocalService) -> None:
    """Keep the service running until it is interrupted, or one of its processes keeps ending."""
    service.supervisor.wait()


def chosen(settings: Settings, data_dir: Path | None, port: int | None, flower_port: int | None) -> Settings:
    """The settings with what the command line says instead."""
    changes: dict[str, object] = {"data_dir": (data_dir or settings.data_dir).expanduser().absolute()}
    if port is not None:
        changes["api"] = settings.api.model_copy(update={"port": port})
    if flower_port is not None:
        changes["flower"] = settings.flower.model_copy(update={"port": flower_port})
    return settings.model_copy(update=changes)
