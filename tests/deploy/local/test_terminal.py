"""What `up` shows: log lines, the banner, and how it heeds a second Ctrl-C."""

import io
import os
import signal
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from deploy.local import preflight
from deploy.local.banner import Addresses, show
from deploy.local.lines import readable
from deploy.local.log import ServiceLog
from deploy.local.preflight import fetch_weights
from deploy.local.service import interruptible, stop_now_or_soon
from deploy.local.supervisor import Supervisor
from shared.errors import WeightsUnavailableError


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"event": "cpu0 ready.", "level": "info", "timestamp": "2026"}', "cpu0 ready."),
        ('{"event": "stage lost", "level": "warning", "job": "job_1"}', "WARNING stage lost job=job_1"),
        ('{"no": "event"}', '{"no": "event"}'),
        ("{broken", "{broken"),
        ("plain text", "plain text"),
        ("", ""),
    ],
)
def test_json_records_are_shown_as_sentences_and_other_lines_as_they_are(line: str, shown: str) -> None:
    assert readable(line) == shown


def test_a_line_cannot_move_the_cursor_or_break_out_of_its_prefix(tmp_path: Path) -> None:
    out = io.StringIO()
    log = ServiceLog(tmp_path / "logs" / "up.log", ["api"], out=out)

    log.line("api", "\x1b[2Jgone\x07 \x1b[31mred\x1b[0m")
    log.line("api", '{"event": "failed", "exception": "Traceback:\\n  here"}')
    log.close()

    assert "\x1b[2J" not in out.getvalue()
    assert "\x07" not in out.getvalue()
    assert all(line.startswith("api │ ") for line in out.getvalue().splitlines())
    assert "\x1b" not in (tmp_path / "logs" / "up.log").read_text()


def test_a_quiet_log_shows_the_supervisors_lines_alone_and_keeps_all_in_the_file(tmp_path: Path) -> None:
    out = io.StringIO()
    log = ServiceLog(tmp_path / "up.log", ["api"], out=out, quiet=True)

    log.line("api", "chatter")
    log.say("starting api")
    log.close()

    assert out.getvalue() == " up │ starting api\n"
    assert "chatter" in (tmp_path / "up.log").read_text()


def test_the_banner_tells_every_address_and_a_command_in_one_piece() -> None:
    out = io.StringIO()
    addresses = Addresses(
        api="http://127.0.0.1:8123",
        flower="http://dreamqueue:pw@127.0.0.1:5555",
        data_dir=Path("/data"),
        log=Path("/data/logs/up.log"),
        workers=("gpu0", "gpu1"),
        open_to_others=True,
    )

    show(Console(file=out, width=80), addresses)

    text = out.getvalue()
    for part in ("http://127.0.0.1:8123/docs", addresses.flower, "gpu0, gpu1", "/data/logs/up.log", "nobody for a key"):
        assert part in text
    assert "| dreamqueue submit - --wait --url http://127.0.0.1:8123\n" in text


class Interrupted:
    """A supervisor whose orderly stop is interrupted."""

    killed = False

    def stop(self) -> None:
        """Be interrupted."""
        os.kill(os.getpid(), signal.SIGINT)

    def kill(self) -> None:
        """A third Ctrl-C comes too late."""
        os.kill(os.getpid(), signal.SIGINT)
        self.killed = True


def test_a_second_ctrl_c_stops_everything_at_once_and_a_third_changes_nothing() -> None:
    supervisor = Interrupted()

    with interruptible():
        stop_now_or_soon(cast("Supervisor", supervisor))

    assert supervisor.killed
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_every_wish_to_end_acts_like_ctrl_c(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(number)


def test_missing_weights_stop_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "WORKER_PROGRAM", "raise SystemExit(1)")

    with pytest.raises(WeightsUnavailableError, match="run dreamqueue up again"):
        fetch_weights({})
