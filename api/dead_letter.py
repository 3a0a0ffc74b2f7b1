"""Shows why a stage failed, with all that its worker left."""

from textwrap import indent

from rich.text import Text

from api.answers import StageAnswer, StageFailureAnswer

INDENT = "    "


def dead_letter(stage: StageAnswer, failure: StageFailureAnswer) -> Text:
    """The reason, who worked on it and when, the last traceback and the end of the log; nothing is read as markup.

    To be printed without wrapping: lines of a log are to be found and copied as they are.
    """
    letter = Text.assemble((f"✗ {stage.id}", "bold red"), f" {stage.label}  {failure.message}\n")
    letter.append(f"{INDENT}{_circumstances(stage, failure)}\n", "bright_black")
    for heading, text in _evidence(failure):
        letter.append(f"\n{INDENT}{heading}\n", "bold")
        letter.append(f"{indent(text.rstrip(), INDENT)}\n")
    return letter


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
