"""A dead letter as `show` prints it: every line whole and as it is, and of what there is not, nothing."""

import io
from datetime import UTC, datetime

from rich.console import Console

from api.answers import StageAnswer, StageFailureAnswer
from api.dead_letter import dead_letter
from shared.jobs.status import StageStatus
from shared.plan.records import StageKind

FAILURE = StageFailureAnswer(code="worker_lost", message="gave up", worker="gpu0@studio", attempt=3)
STAGE = StageAnswer(
    id="dream-01",
    kind=StageKind.DREAM,
    label="conv4_1",
    index=1,
    needs=(),
    work=1.0,
    status=StageStatus.FAILED,
    attempts=3,
    progress=0.5,
    detail="",
)


def printed(failure: StageFailureAnswer) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=40, highlight=False).print(dead_letter(STAGE, failure), soft_wrap=True)
    return stream.getvalue().splitlines()


def test_it_tells_reason_circumstances_traceback_and_log_each_with_its_attempt() -> None:
    at = datetime(2026, 5, 4, 11, 20, 7, tzinfo=UTC)
    long_line = "[bold]" + "x" * 100

    lines = printed(
        FAILURE.model_copy(
            update={"at": at, "traceback": "Traceback:\n  deep\n", "traceback_attempt": 1, "log_tail": long_line}
        )
    )

    assert lines == [
        "✗ dream-01 conv4_1  gave up",
        f"    failed · worker_lost · gpu0@studio · attempt 3 · {at.astimezone():%Y-%m-%d %H:%M:%S}",
        "",
        "    traceback of attempt 1",
        "    Traceback:",
        "      deep",
        "",
        "    last lines of the log of attempt 3",
        f"    {long_line}",
        "",
    ]


def test_what_is_not_known_has_no_heading() -> None:
    assert printed(FAILURE) == [
        "✗ dream-01 conv4_1  gave up",
        "    failed · worker_lost · gpu0@studio · attempt 3",
        "",
    ]
