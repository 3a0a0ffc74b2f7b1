"""Shows why a stage failed, with all that its worker left."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from api.answers import StageAnswer, StageFailureAnswer

INDENT = (0, 0, 0, 4)


def dead_letter(stage: StageAnswer, failure: StageFailureAnswer) -> RenderableType:
    """The reason, who worked on it and when, the last traceback and the end of the log; nothing is read as markup."""
    parts: list[RenderableType] = [
        Text.assemble((f"✗ {stage.id}", "bold red"), f" {stage.label}  {failure.message}"),
        Padding(Text(_circumstances(stage, failure), "bright_black"), INDENT),
    ]
    for heading, text in _evidence(failure):
        parts += [Text(), Padding(Text(heading, "bold"), INDENT), Padding(Text(text.rstrip()), INDENT)]
    return Padding(Group(*parts), (0, 2, 1, 2))


def _circumstances(stage: StageAnswer, failure: StageFailureAnswer) -> str:
    at = None if failure.at is None else f"{failure.at.astimezone():%Y-%m-%d %H:%M:%S}"
    attempt = None if failure.attempt is None else f"attempt {failure.attempt}"
    told = [stage.status.value, failure.code, failure.worker, attempt, at]
    return " · ".join(part for part in told if part)


def _evidence(failure: StageFailureAnswer) -> list[tuple[str, str]]:
    """What there is, each under a heading that says which attempt it is of."""
    found = [
        (f"traceback of attempt {failure.traceback_attempt}", failure.traceback),
        (f"last lines of the log of attempt {failure.attempt}", failure.log_tail),
    ]
    return [(heading, text) for heading, text in found if text]
