"""Starts the processes of the service in order, keeps them running, stops them in order."""

import time
from collections.abc import Callable, Mapping, Sequence

from deploy.local.keeper import Keeper, State
from deploy.local.log import ServiceLog
from deploy.local.process import ProcessSpec, stop_waves
from deploy.local.restarts import RestartPolicy
from deploy.local.warden import Warden
from shared.errors import ConfigurationError

LOOK_SECONDS = 0.1


class Supervisor:
    """All processes of one service: `start`, then `wait`, and in every case `stop`."""

    def __init__(
        self, specs: Sequence[ProcessSpec], log: ServiceLog, warden: Warden, policy: RestartPolicy | None = None
    ) -> None:
        """Take charge of processes, and start none yet.

        Args:
            specs: in the order of starting; each one's `needs` stand before it.
            log: where the lines of every process go.
            warden: ends everything should this process be killed.
            policy: how patiently processes that end are started again.
        """
        self._log = log
        self._warden = warden
        self._keepers = {spec.name: Keeper(spec, log, warden, policy or RestartPolicy()) for spec in specs}
        self._started: list[Keeper] = []

    def pids(self) -> Mapping[str, int]:
        """The number of every process that runs now, by its name."""
        return {name: keeper.pid for name, keeper in self._keepers.items() if keeper.pid is not None}

    def is_ready(self) -> bool:
        """Whether every process is ready just now."""
        return all(keeper.state is State.READY for keeper in self._keepers.values())

    def start(self) -> None:
        """Start every process as soon as those that it needs are ready; return when all are.

        Raises:
            ConfigurationError: a process keeps ending; tells its last lines. `stop` is left to the caller.
        """
        for keeper in self._keepers.values():
            self._wait_until(lambda keeper=keeper: self._ready(keeper.spec.needs))
            self._log.say(f"starting {keeper.spec.name}")
            keeper.start()
            self._started.append(keeper)
        self._wait_until(self.is_ready)

    def wait(self, seconds: float | None = None) -> None:
        """Wait while all goes well: so many seconds, or for ever.

        Raises:
            ConfigurationError: a process keeps ending; tells its last lines.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        self._wait_until(lambda: deadline is not None and time.monotonic() >= deadline)

    def stop(self) -> None:
        """Stop every process in order, each with its grace; nothing of it runs any more afterwards."""
        self._log.say("stopping in order; Ctrl-C once more stops everything at once")
        for wave in stop_waves(keeper.spec for keeper in self._started):
            self._stop_together([self._keepers[spec.name] for spec in wave])
        self._warden.dismiss()

    def kill(self) -> None:
        """End every process at once."""
        for keeper in self._started:
            keeper.kill()
        for keeper in self._started:
            keeper.await_stop(1.0)
        self._warden.dismiss()

    def _stop_together(self, keepers: Sequence[Keeper]) -> None:
        self._log.say(f"stopping {', '.join(keeper.spec.name for keeper in keepers)}")
        asked_at = time.monotonic()
        for keeper in keepers:
            keeper.ask_to_stop()
        for keeper in keepers:
            keeper.await_stop(asked_at + keeper.spec.grace_seconds - time.monotonic())

    def _ready(self, names: Sequence[str]) -> bool:
        return all(self._keepers[name].state is State.READY for name in names)

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        """Look again and again; polling keeps the main thread open to signals."""
        while not condition():
            for keeper in self._started:
                if keeper.state is State.GIVEN_UP:
                    raise ConfigurationError(f"{keeper.failure}\nthe whole log: {self._log.path}")
            time.sleep(LOOK_SECONDS)
