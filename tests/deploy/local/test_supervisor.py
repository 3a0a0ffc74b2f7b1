"""The supervisor with tiny processes: order, readiness, restarts, ends."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.process import ProcessSpec
from deploy.local.readiness import says
from deploy.local.supervisor import Supervisor
from shared.errors import ConfigurationError

Process = Callable[..., ProcessSpec]
Supervise = Callable[..., Supervisor]
Eventually = Callable[..., bool]
Lives = Callable[[int], bool]


def words(diary: Path, word: str) -> list[str]:
    """The names of the processes to which this happened, in order."""
    lines = diary.read_text().splitlines() if diary.exists() else []
    return [line.split()[0] for line in lines if line.split()[1] == word]


def test_a_process_is_started_once_those_that_it_needs_are_ready(
    process: Process, supervise: Supervise, diary: Path
) -> None:
    slow = """
        import sys, time
        time.sleep(0.5)
        open(sys.argv[1], "a").write("first ready 0\\n")
        print("ready", flush=True)
        time.sleep(60)
    """
    supervisor = supervise(process("first", slow), process("second", needs=("first",)))

    supervisor.start()

    assert diary.read_text().split()[:5] == ["first", "ready", "0", "second", "started"]
    assert supervisor.is_ready()


def test_processes_stop_in_their_order_whatever_the_order_of_their_start(
    process: Process, supervise: Supervise, diary: Path
) -> None:
    supervisor = supervise(
        process("store", stop_order=2), process("page", stop_order=1), process("worker", stop_order=0)
    )
    supervisor.start()

    supervisor.stop()

    assert set(words(diary, "started")) == {"store", "page", "worker"}
    assert words(diary, "stopped") == ["worker", "page", "store"]


def test_nothing_runs_after_a_stop_not_even_what_a_process_left_behind(
    process: Process, supervise: Supervise, lives: Lives
) -> None:
    leaves_a_child = """
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
        print("ready", child.pid, flush=True)
        time.sleep(60)
    """
    out = io.StringIO()
    supervisor = supervise(process("parent", leaves_a_child), out=out)
    supervisor.start()
    pids = [*supervisor.pids().values(), int(re.findall(r"ready (\d+)", out.getvalue())[0])]
    assert all(map(lives, pids))

    supervisor.stop()

    assert not any(map(lives, pids))


def test_a_process_that_ignores_the_stop_signal_is_killed_after_its_grace(
    process: Process, supervise: Supervise, lives: Lives
) -> None:
    stubborn = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        time.sleep(60)
    """
    supervisor = supervise(process("stubborn", stubborn, grace_seconds=0.3))
    supervisor.start()
    pid = supervisor.pids()["stubborn"]
    asked_at = time.monotonic()

    supervisor.stop()

    assert 0.3 <= time.monotonic() - asked_at < 5
    assert not lives(pid)


def test_a_killed_process_is_started_again(process: Process, supervise: Supervise, eventually: Eventually) -> None:
    supervisor = supervise(process("worker"))
    supervisor.start()
    before = supervisor.pids()["worker"]

    os.kill(before, signal.SIGKILL)

    assert eventually(lambda: supervisor.is_ready() and supervisor.pids().get("worker", before) != before)


def test_a_process_that_keeps_ending_is_given_up_with_its_last_lines(process: Process, supervise: Supervise) -> None:
    supervisor = supervise(process("broken", "print('no such key'); raise SystemExit(3)"))

    with pytest.raises(ConfigurationError, match=r"(?s)broken ended 3 times .*exit code 3.*no such key") as caught:
        supervisor.start()

    assert "up.log" in str(caught.value)


def test_a_process_that_starts_to_fail_later_ends_the_wait(process: Process, supervise: Supervise) -> None:
    once = """
        import pathlib, sys, time
        mark = pathlib.Path(sys.argv[1] + ".mark")
        if mark.exists():
            sys.exit("worn out")
        mark.touch()
        print("ready", flush=True)
        time.sleep(0.4)
    """
    supervisor = supervise(process("weary", once))
    supervisor.start()

    with pytest.raises(ConfigurationError, match="worn out"):
        supervisor.wait(20)


def test_a_process_that_never_gets_ready_is_killed_and_given_up(process: Process, supervise: Supervise) -> None:
    supervisor = supervise(process("silent", "import time; time.sleep(60)", ready_seconds=0.2))

    with pytest.raises(ConfigurationError, match=r"silent ended 3 times .*killed by SIGKILL"):
        supervisor.start()


def test_every_line_carries_the_name_of_its_process_and_no_secret(process: Process, supervise: Supervise) -> None:
    out = io.StringIO()
    says_secret = "import time; print('key hunter2 taken'); print('ready', flush=True); time.sleep(60)"
    supervisor = supervise(process("talker", says_secret), process("other"), out=out, secrets=["hunter2"])

    supervisor.start()
    supervisor.stop()

    assert "talker │ key *** taken\n" in out.getvalue()
    assert " other │ ready\n" in out.getvalue()


def test_secrets_reach_the_process_by_its_environment(process: Process, supervise: Supervise) -> None:
    out = io.StringIO()
    shows = "import os, time; print('ready', os.environ['WORD'], flush=True); time.sleep(60)"
    supervisor = supervise(process("reader", shows, environment={"WORD": "orange"}), out=out)

    supervisor.start()

    assert "ready orange" in out.getvalue()


KILLED_SUPERVISOR = """
import sys, time
from pathlib import Path
from deploy.local.log import ServiceLog
from deploy.local.process import ProcessSpec
from deploy.local.readiness import says
from deploy.local.supervisor import Supervisor
from deploy.local.warden import Warden

program = '''
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
open(sys.argv[1], "a").write(f"{child.pid}\\\\n")
time.sleep(60)
'''
specs = [
    ProcessSpec(name=name, command=(sys.executable, "-S", "-c", program, sys.argv[1]), ready=says("ready"))
    for name in ("one", "two")
]
warden = Warden.start()
supervisor = Supervisor(specs, ServiceLog(Path(sys.argv[2]), []), warden)
supervisor.start()
print(warden.pid, *supervisor.pids().values(), flush=True)
time.sleep(60)
"""


def test_a_supervisor_killed_with_sigkill_leaves_no_process(
    tmp_path: Path, diary: Path, lives: Lives, eventually: Eventually
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_SUPERVISOR, str(diary), str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        pids = [int(number) for number in supervisor.stdout.readline().split()]
        assert eventually(lambda: diary.exists() and len(diary.read_text().split()) == 2)
        pids += [int(number) for number in diary.read_text().split()]
        assert all(map(lives, pids))

        supervisor.kill()

    assert len(pids) == 5
    assert eventually(lambda: not any(map(lives, pids)))


def test_readiness_by_a_line_looks_at_whole_words() -> None:
    ready = says(r"\bready\b")

    assert ready(["starting", "celery@cpu0 ready."])
    assert not ready(["already there"])
