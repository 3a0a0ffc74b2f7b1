"""A long life: jobs come and go by the hundred, workers die, and nothing grows beyond what retention keeps.

CI runs twenty seconds of it; `make faults` runs ten minutes, which are 200 jobs.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.jobs.status import JobStatus
from tests.conftest import Figure
from tests.faults.mix import Stricken
from tests.faults.soak import QUICK, Course, Soak
from tests.patience import wait_until
from tests.service import impatient, service_in
from tests.valkey import Valkey

SECONDS = float(os.environ.get("SOAK_SECONDS", "20"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
GROWTH = 1.1
"""What counts as growth, of memory: less is how full its pages happen to be."""
WARM_KILOBYTES = 4 * 1024
"""What a process that has only just begun may still come to hold."""

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(2 * SECONDS + 300)]


@pytest.fixture
def soak(valkey: Valkey, tmp_path: Path) -> Iterator[Soak]:
    course = Course(SECONDS)
    settings = impatient(tmp_path, f"{valkey.url}/0").model_copy(update={"retention": course.retention})
    with service_in(tmp_path, settings) as service:
        service.start_api()
        stricken = Stricken(service, valkey, QUICK)
        stricken.start()
        yield Soak(stricken, course, random.Random(SEED))


def test_a_long_life_leaves_nothing_behind(soak: Soak, figure: Figure) -> None:
    soak.run()
    third, end = soak.around(1 / 3), soak.around(1.0)

    wait_until(lambda: soak.sample().records == 0, "all records are forgotten", 60 + SECONDS / 10)
    wait_until(lambda: soak.sample().files <= soak.kills, "all files are removed", 60 + SECONDS / 10)
    after = soak.sample()

    assert soak.ended == {(JobStatus.SUCCEEDED, frozenset({1})): soak.course.jobs}
    assert soak.kills >= 3
    figure("jobs lost or done twice", soak.course.jobs - soak.ended[JobStatus.SUCCEEDED, frozenset({1})], 0)
    figure("keys that are left", after.keys, 0)
    # A sweeper or a worker that dies between a file and its folder leaves the folder, which is empty.
    figure("files and folders that are left", after.files, soak.kills)
    figure("keys of the broker", after.broker_keys, third.broker_keys + 1)
    for what, slack in (("keys", 3), ("files", 5)):
        at_most = GROWTH * soak.a_record(what, 0, 1 / 3) + slack
        figure(f"{what} a record in the last third", soak.a_record(what, 2 / 3, 1), at_most)
    figure("bytes of Redis when all is swept", after.redis_bytes, GROWTH * third.redis_bytes)
    for name, kilobytes in third.resident.items():
        figure(f"resident kilobytes of {name}", end.resident[name], GROWTH * kilobytes + WARM_KILOBYTES)
