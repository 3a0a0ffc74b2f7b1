"""How commands end: exit codes, and errors as one line."""

from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup

from api.client_errors import ApiError, ClientError, NoConnectionError
from api.commands.console import say_error
from shared.errors import BadOwnerError, ConfigurationError, DreamqueueError, SpecError, UnknownPresetError
from shared.jobs.status import JobStatus

INTERRUPTED = 130


class ExitCode(IntEnum):
    """What the exit status of `dreamqueue` means."""

    OK = 0
    JOB_FAILED = 1
    BAD_USAGE = 2
    NOT_FOUND = 3
    NO_CONNECTION = 4
    CANCELED = 5


AFTER_JOB = {
    JobStatus.SUCCEEDED: ExitCode.OK,
    JobStatus.FAILED: ExitCode.JOB_FAILED,
    JobStatus.CANCELED: ExitCode.CANCELED,
}
REFUSALS = {404: ExitCode.NOT_FOUND, 410: ExitCode.NOT_FOUND, 500: ExitCode.JOB_FAILED, 503: ExitCode.NO_CONNECTION}
"""Any other refusal is the caller's to mend."""


class Commands(TyperGroup):
    """The group of all commands; whatever one of them raises on purpose ends as one red line."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (ClientError, DreamqueueError, OSError) as error:
            # A reader that goes away, as `head` does, is no error of ours; Typer sees to it.
            if isinstance(error, BrokenPipeError):
                raise
            say_error(str(error))
            raise typer.Exit(exit_code(error)) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None


def exit_code(error: Exception) -> ExitCode:
    """The exit status that tells of an error."""
    if isinstance(error, ApiError):
        return REFUSALS.get(error.status, ExitCode.BAD_USAGE)
    if isinstance(error, NoConnectionError):
        return ExitCode.NO_CONNECTION
    if isinstance(error, SpecError | UnknownPresetError | BadOwnerError | ConfigurationError):
        return ExitCode.BAD_USAGE
    return ExitCode.JOB_FAILED
