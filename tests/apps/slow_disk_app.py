"""The counting app on a disk that takes its time over finished files: `celery -A slow_disk_app`."""

import os
import time
from pathlib import Path

from tests.apps.counting_app import app

SYNC_SECONDS = 30.0

sync = os.fsync


def slow_sync(descriptor: int) -> None:
    """Sync, and long before that be seen not to have."""
    if "/stages/" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
        time.sleep(SYNC_SECONDS)
    sync(descriptor)


os.fsync = slow_sync

# The child imports what is included, not what the command line names.
app.conf.include = ["slow_disk_app", "worker.tasks"]
