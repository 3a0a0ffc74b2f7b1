"""The command line `dreamqueue`."""

import typer

from api.commands import artifact, gc, job, presets, setup, spec, up
from api.commands.failures import Commands

app = typer.Typer(
    name="dreamqueue",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Dreams pictures through neural networks, paints them in styles, animates them.",
)

for name, command in {
    "up": up.up,
    "submit": spec.submit,
    "watch": job.watch,
    "show": job.show,
    "ls": job.list_jobs,
    "get": artifact.get,
    "cancel": job.cancel,
    "pause": job.pause,
    "resume": job.resume,
    "retry": job.retry,
    "rm": job.remove,
    "gc": gc.gc,
    "validate": spec.validate,
    "plan": spec.plan,
    "presets": presets.presets,
    "config": setup.config,
    "version": setup.version,
}.items():
    app.command(name)(command)
