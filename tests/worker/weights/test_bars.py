"""Without a terminal, progress is a few plain lines."""

import io

from rich.console import Console

from worker.weights.bars import shown_on
from worker.weights.progress import FetchProgress


def test_a_pipe_gets_a_line_a_quarter_and_every_note() -> None:
    output = io.StringIO()

    with shown_on(Console(file=output, width=200)) as show:
        for done in range(0, 101, 5):
            show(FetchProgress("vgg16", "mirror", done * 10**6, 100 * 10**6))
        show(FetchProgress("vgg16", "mirror", note="vgg16: mirror: broke off"))

    assert output.getvalue().splitlines() == [
        *(f"vgg16 from mirror: {quarter} % of 100 MB" for quarter in (0, 25, 50, 75, 100)),
        "vgg16: mirror: broke off",
    ]


def test_a_terminal_gets_a_bar() -> None:
    output = io.StringIO()

    with shown_on(Console(file=output, width=200, force_terminal=True)) as show:
        show(FetchProgress("vgg16", "mirror", 30 * 10**6, 60 * 10**6))

    assert "vgg16 from mirror" in output.getvalue()
    assert "30.0/60.0 MB" in output.getvalue()
