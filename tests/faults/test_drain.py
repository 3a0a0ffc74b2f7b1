"""Workers told to stop: their stage is put away at once, and another worker redoes nothing of it."""

import signal
import time

import pytest

from shared.jobs.status import JobStatus, StageStatus
from tests.conftest import Figure
from tests.patience import wait_until
from tests.service import Service

UNITS, UNIT_SECONDS = 4, 0.8
EXIT_SECONDS = 2 * UNIT_SECONDS + 2.0
TAKE_OVER_SECONDS = 1.0


@pytest.mark.parametrize("to_group", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_sigterm_puts_the_stage_away_and_another_worker_redoes_nothing(
    service: Service, figure: Figure, *, to_group: bool
) -> None:
    slow = {"COUNTING_UNITS": str(UNITS), "COUNTING_UNIT_SECONDS": str(UNIT_SECONDS)}
    service.start_workers("cpu0", "cpu1", **slow)
    job = service.submit(4)
    service.wait_for_unit("dream-00", 2)
    leaving = service.worker_of(job.id, "dream-00")

    def queued() -> bool:
        return service.store.stage(job.id, "dream-00").status is StageStatus.QUEUED

    def taken_up() -> bool:
        return service.worker_of(job.id, "dream-00") is not leaving

    began = time.monotonic()
    leaving.kill_group(signal.SIGTERM) if to_group else leaving.process.terminate()
    # Where the other is quicker than a look, nobody sees the stage in the queue.
    wait_until(lambda: queued() or taken_up(), "it is put away")
    taken_over = wait_until(taken_up, "the other takes over")
    code = leaving.process.wait(30)
    seconds = time.monotonic() - began
    ended = service.wait_for(job.id)

    assert code == 0
    assert ended.status is JobStatus.SUCCEEDED
    assert service.units_of("dream-00") == list(range(UNITS))
    assert set(service.counted(job.id, "commits").values()) == {1}
    figure("seconds until another took over", taken_over, TAKE_OVER_SECONDS)
    # A second of it is the pool's own pause before its child ends.
    figure("seconds to leave", seconds, EXIT_SECONDS)
