"""Keeps one process running: starts it, sees when it is ready, starts it again when it ends."""

import signal
import threading
import time
from collections.abc import Sequence
from enum import Enum

from deploy.local.child import Child
from deploy.local.log import ServiceLog
from deploy.local.process import ProcessSpec
from deploy.local.restarts import History, RestartPolicy, after_death, restart_delay_seconds
from deploy.local.warden import Ward, Warden

LOOK_SECONDS = 0.1
LAST_LINES = 12


class State(Enum):
    """How far a process is."""

    STARTING = "starting"
    READY = "ready"
    GIVEN_UP = "given up"
    STOPPED = "stopped"


class Keeper:
    """One thread that owns one process, and every process that takes its place."""

    def __init__(self, spec: ProcessSpec, log: ServiceLog, warden: Warden, policy: RestartPolicy) -> None:
        self.spec = spec
        self.state = State.STARTING
        self.failure = ""
        self._log = log
        self._warden = warden
        self._policy = policy
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._child: Child | None = None
        self._thread = threading.Thread(target=self._keep, name=f"keeper of {spec.name}", daemon=True)

    @property
    def pid(self) -> int | None:
        """The number of the process that runs now."""
        child = self._child
        return child.group if child is not None and child.runs() else None

    def start(self) -> None:
        """Start the process and go on keeping it, without waiting."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Send the stop signal; from now on nothing is started again."""
        with self._starting:
            self._stopping.set()
            if self._child is not None:
                self._child.ask(self.spec.stop_signal)

    def await_stop(self, seconds: float) -> None:
        """Wait for the end; what still runs after so many seconds is killed with its whole group."""
        if not self._thread.is_alive():
            return
        self._thread.join(max(seconds, 0.0))
        if self._thread.is_alive():
            self._log.say(f"{self.spec.name} did not stop in time and is killed")
            self.kill()
            self._thread.join()

    def kill(self) -> None:
        """End the process and its group at once."""
        with self._starting:
            self._stopping.set()
            if self._child is not None and self._thread.is_alive():
                self._child.kill()

    def _keep(self) -> None:
        history = History()
        while (child := self._launch()) is not None:
            ready_at = self._await_ready(child)
            code = child.wait()
            self._warden.drop(child.group)
            if self._stopping.is_set():
                break
            history = after_death(history, time.monotonic() - ready_at if ready_at else 0.0, self._policy)
            if not self._pause_before_restart(history, code, child):
                return
        self.state = State.STOPPED

    def _launch(self) -> Child | None:
        """Start the process; None when the service is being stopped."""
        with self._starting:
            if self._stopping.is_set():
                return None
            self.state = State.STARTING
            self._child = Child(self.spec, lambda line: self._log.line(self.spec.name, line))
            spec = self.spec
            self._warden.add(Ward(self._child.group, spec.stop_order, spec.stop_signal, spec.grace_seconds))
            return self._child

    def _await_ready(self, child: Child) -> float | None:
        """When the process became ready; None when it ended first, or took too long and was killed."""
        deadline = time.monotonic() + self.spec.ready_seconds
        while child.runs() and not self._stopping.is_set():
            if self.spec.ready(child.lines):
                self.state = State.READY
                return time.monotonic()
            if time.monotonic() > deadline:
                self._log.say(f"{self.spec.name} was not ready after {self.spec.ready_seconds:.0f} s and is killed")
                child.kill()
                return None
            time.sleep(LOOK_SECONDS)
        return None

    def _pause_before_restart(self, history: History, code: int, child: Child) -> bool:
        """Wait as long as the policy says; False when it says to give up."""
        delay = restart_delay_seconds(history, self._policy)
        if delay is None:
            self.failure = why_given_up(self.spec.name, history.quick_deaths, code, child.lines[-LAST_LINES:])
            self.state = State.GIVEN_UP
            return False
        self.state = State.STARTING
        self._log.say(f"{self.spec.name} ended ({ending(code)}); started again in {delay:g} s")
        self._stopping.wait(delay)
        return True


def why_given_up(name: str, deaths: int, code: int, last_lines: Sequence[str]) -> str:
    """What to tell when a process keeps ending."""
    lines = "\n".join(f"  {line}" for line in last_lines) or "  (nothing)"
    return f"{name} ended {deaths} times in a row soon after its start ({ending(code)}); it wrote last:\n{lines}"


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
